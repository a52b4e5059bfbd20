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
 * Without a display the kernel backs virtual terminals all the same, with a screen that nobody can
 * see. A console there would cost 15 MB for an empty room.
 */
function hasDisplay(): boolean {
  const framebuffers = listUnlessMissing('/sys/class/graphics');
  if (framebuffers.some((name) => name.startsWith('fb') && name !== 'fbcon')) return true;
  const devices = '/sys/bus/pci/devices';
  return listUnlessMissing(devices).some(
    (device) => readUnlessMissing(`${devices}/${device}/class`)?.startsWith(PCI_DISPLAY) === true,
  );
}

/** PCI base class 3 (include/linux/pci_ids.h, PCI_BASE_CLASS_DISPLAY), as sysfs writes it. */
const PCI_DISPLAY = '0x03';

function listUnlessMissing(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

function readUnlessMissing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
