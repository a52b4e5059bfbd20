/**
 * The processes of our own that face people: a console on each device the kernel has as console, and
 * the host bridge where the machine has its port.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { errnoCode } from '../sys/errno.ts';
import { findControlPort } from '../supervisor/bridge/control-port.ts';

export interface SystemUnit {
  readonly id: string;
  /** Arguments of the binary, as an applet. */
  readonly args: readonly string[];
}

export function systemUnits(): SystemUnit[] {
  const consoles = consoleDevices().map((device) => ({
    id: `console-${device}`,
    args: ['console', `/dev/${device}`],
  }));
  const port = findControlPort();
  return port === undefined ? consoles : [...consoles, { id: 'host-bridge', args: ['bridge'] }];
}

/** Every `console=` device that somebody can be at, in the kernel's order. */
function consoleDevices(): string[] {
  const active = readUnlessMissing('/sys/class/tty/console/active') ?? '';
  return active
    .trim()
    .split(' ')
    .filter((name) => name !== '' && existsSync(`/dev/${name}`))
    .filter((name) => !isVirtualTerminal(name) || hasDisplay());
}

function isVirtualTerminal(name: string): boolean {
  return /^tty\d+$/.test(name);
}

/**
 * Without a graphics driver the kernel backs virtual terminals with a dummy that shows nothing to
 * nobody. A console there would cost 15 MB for an empty room.
 */
function hasDisplay(): boolean {
  const consoles = '/sys/class/vtconsole';
  if (!existsSync(consoles)) return false;
  return readdirSync(consoles).some(
    (name) => readUnlessMissing(`${consoles}/${name}/name`)?.includes('dummy') === false,
  );
}

function readUnlessMissing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
