/** `console DEVICE [BAUD]`: the process that PID 1 starts for each terminal. */
import { closeSync, constants, openSync } from 'node:fs';
import { errorMessage } from '../../sys/errno.ts';
import { readPolicy } from '../console/read-policy.ts';
import { runConsole } from '../console/run-console.ts';

/**
 * Exit codes: 0 when the terminal is gone or never was, 1 when it
 * cannot be opened, 2 for wrong usage.
 */
export async function consoleApplet(args: readonly string[]): Promise<number> {
  const [device, baud, ...more] = args;
  if (device === undefined || !/^[1-9]\d{0,8}$/.test(baud ?? '1') || more.length > 0) {
    process.stderr.write('Usage: console DEVICE [BAUD]\n');
    return 2;
  }
  try {
    if (baud !== undefined) await setSpeed(device, Number(baud));
    await runConsole(device, readPolicy());
    return 0;
  } catch (error) {
    process.stderr.write(`Cannot be a console on ${device}: ${errorMessage(error)}\n`);
    return 1;
  }
}

/** A driver keeps it while nobody has the line open. Only here are system calls needed, which cost memory. */
async function setSpeed(device: string, baud: number): Promise<void> {
  const { createLinuxSys } = await import('../../sys/linux/linux-sys.ts');
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  try {
    const line = openSync(device, O_RDWR | O_NOCTTY | O_NONBLOCK);
    try {
      createLinuxSys().setLineSpeed(line, baud);
    } finally {
      closeSync(line);
    }
  } catch (error) {
    process.stderr.write(`${device} keeps its speed: ${errorMessage(error)}\n`);
  }
}
