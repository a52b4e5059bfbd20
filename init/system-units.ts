/**
 * The processes of our own that face people: a console on each device the kernel has as console, and
 * the host bridge where the machine has its port.
 */
import { existsSync, readFileSync } from 'node:fs';
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

/** Every `console=` device that exists, in the kernel's order. */
function consoleDevices(): string[] {
  try {
    return readFileSync('/sys/class/tty/console/active', 'utf8')
      .trim()
      .split(' ')
      .filter((name) => name !== '' && existsSync(`/dev/${name}`));
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return [];
    throw error;
  }
}
