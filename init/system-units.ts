/**
 * The processes of our own that face people and the network: a console on each device the kernel has as
 * console, the host bridge where the machine has its port, and the sender of logs where there are receivers.
 */
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { textIfThere } from '../sys/if-there.ts';
import type { Sys } from '../sys/sys.ts';
import { findControlPort } from '../supervisor/bridge/control-port.ts';
import { DEFAULT_CONSOLE } from '../supervisor/console/policy.ts';
import { isQuietBoot } from '../supervisor/console/read-policy.ts';
import type { Program } from '../supervisor/interpreter/process-unit.ts';
import type { Manifest } from '../supervisor/manifest.ts';
import { awaitHost } from './await-host.ts';
import { type ConsoleDevice, consoleDevices } from './console-devices.ts';
import { monotonicMs } from './boot-record.ts';
import { awaitNeed, consoleNeed, type Needs } from './first-need.ts';
import { wantsMemlogd } from './linuxkit/wants-memlogd.ts';
import { INIT_PATH } from './survival.ts';

const CONSOLE = 'console-';
const consoleId = (device: string): string => `${CONSOLE}${device}`;

export function isConsole(unit: string): boolean {
  return unit.startsWith(CONSOLE);
}

export interface SystemUnit {
  readonly id: string;
  /** Our own binary, as an applet. */
  readonly program: Program;
}

/** With `needs` the consoles wait until there is one of them, or a key. */
export function systemUnits(sys: Sys, manifest: Manifest, needs?: Needs): SystemUnit[] {
  const { syslog = [], console = DEFAULT_CONSOLE } = manifest;
  // Where nobody is let in there is nothing to run.
  const devices = console.mode === 'off' ? [] : findConsoles();
  const isQuiet = console.quiet || isQuietBoot();
  const units: SystemUnit[] = devices.map(({ name, baud }) => {
    const device = `/dev/${name}`;
    const program = consoleOn(device, baud);
    if (needs === undefined) return { id: consoleId(name), program };
    const arrive = (): Promise<number | undefined> => {
      const isNeeded = consoleNeed(needs, { isQuiet, nowMs: monotonicMs });
      return awaitNeed(sys, { device, baud, isNeeded });
    };
    const input = { heldFor: isQuiet ? QUIET : 'a key, or for the boot to be over', arrive };
    return { id: consoleId(name), program: { ...program, input } };
  });
  const port = findControlPort();
  if (port !== undefined) units.push({ id: 'host-bridge', program: bridge(sys, port) });
  if (syslog.length > 0) {
    const args = ['syslog', JSON.stringify(syslog)];
    units.push({ id: 'syslog-export', program: { file: INIT_PATH, args } });
  }
  if (wantsMemlogd(manifest)) {
    units.push({ id: 'memlogd', program: { file: INIT_PATH, args: ['memlogd'] } });
  }
  return units;
}

/** Costs a process only where a host is there: most machines never see one. */
function bridge(sys: Sys, port: string): Program {
  const arrive = (): Promise<number> => awaitHost(sys, port);
  return {
    file: INIT_PATH,
    args: ['bridge', '3'],
    input: { heldFor: 'the host to connect', arrive },
  };
}

/**
 * Waits for its device: one that appears late, or comes back, as that of a USB adapter. To look costs less than
 * a microsecond, and a person who plugs one in does not notice the second.
 */
function consoleOn(device: string, baud: number | undefined): Program {
  return {
    file: INIT_PATH,
    args: ['console', device, ...(baud === undefined ? [] : [String(baud)])],
    needs: {
      heldFor: `${device} to appear`,
      isThere: () => existsSync(device),
      come: async () => {
        while (!existsSync(device)) await delay(LOOK_MS);
      },
    },
  };
}

const QUIET = 'a key, or for something to be wrong';
const LOOK_MS = 1_000;

/** What drivers/tty/serial/serial_core.c (`type_show`) says of a port: PORT_UNKNOWN, 0, where no hardware was found. */
function isSerialPort(type: string | undefined): boolean {
  return type !== undefined && Number(type) > 0;
}

function findConsoles(): readonly ConsoleDevice[] {
  return consoleDevices({
    active: textIfThere('/sys/class/tty/console/active') ?? '',
    cmdline: textIfThere('/proc/cmdline') ?? '',
    exists: (name) => existsSync(`/dev/${name}`),
    isPort: (name) => isSerialPort(textIfThere(`/sys/class/tty/${name}/type`)),
    hasDisplay: hasDisplay(),
  });
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
    (device) => textIfThere(`${devices}/${device}/class`)?.startsWith(PCI_DISPLAY) === true,
  );
}

/** PCI base class 3 (include/linux/pci_ids.h, PCI_BASE_CLASS_DISPLAY), as sysfs writes it. */
const PCI_DISPLAY = '0x03';

function listUnlessMissing(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}
