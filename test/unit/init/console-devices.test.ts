import { describe, expect, test } from 'vitest';
import { consoleDevices, type ConsoleDevice } from '../../../init/console-devices.ts';

function devices(
  cmdline: string,
  active: string,
  present: readonly string[],
  { hasDisplay = false, ports = [] as readonly string[] } = {},
): readonly ConsoleDevice[] {
  const exists = (name: string): boolean => present.includes(name);
  return consoleDevices({
    cmdline,
    active,
    exists,
    isPort: (name) => ports.includes(name),
    hasDisplay,
  });
}

const at = (name: string, baud?: number): ConsoleDevice => ({
  name,
  ...(baud === undefined ? {} : { baud }),
});

describe('consoleDevices()', () => {
  test("are the kernel's, in its order, where the device is", () => {
    expect(devices('', 'ttyS1 ttyS0 ttyGone\n', ['ttyS0', 'ttyS1'])).toEqual([
      at('ttyS1'),
      at('ttyS0'),
    ]);
    expect(devices('', '', [])).toEqual([]);
  });

  test('wait for what is asked for and not there yet', () => {
    const cmdline =
      'console=ttyS0,115200n8 quiet console=ttyUSB0,9600 console=ttyUSB0 console=hvc0\n';
    expect(devices(cmdline, 'ttyS0\n', ['ttyS0'])).toEqual([
      at('ttyS0'),
      at('ttyUSB0', 9600),
      at('hvc0'),
    ]);
  });

  test('are the second serial port, too, of which the kernel takes only one', () => {
    const cmdline = 'console=ttyS0,115200 console=ttyS1,57600n8 console=ttyS2';
    const present = ['ttyS0', 'ttyS1', 'ttyS2'];
    expect(devices(cmdline, 'ttyS0\n', present, { ports: ['ttyS0', 'ttyS1'] })).toEqual([
      at('ttyS0'),
      at('ttyS1', 57_600),
    ]);
  });

  test('leave alone what the kernel has refused, what is no terminal, and what is for init', () => {
    const cmdline =
      'console=ttyS3 console=null console= console=uart8250,io,0x3f8 netconsole=tty9 -- console=ttyUSB1';
    expect(devices(cmdline, '', ['ttyS3'])).toEqual([]);
  });

  test('are no virtual terminals where nobody can see them', () => {
    expect(devices('console=tty0', 'tty0 ttyS0', ['tty0', 'ttyS0'])).toEqual([at('ttyS0')]);
    expect(
      devices('console=tty0', 'tty0 ttyS0', ['tty0', 'ttyS0'], { hasDisplay: true }),
    ).toHaveLength(2);
  });
});
