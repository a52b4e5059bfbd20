/** Which devices a console belongs on. Pure; system-units.ts looks at the machine. */

export interface ConsoleFacts {
  /** /sys/class/tty/console/active: the consoles that the kernel has, in its order. */
  readonly active: string;
  /** /proc/cmdline: what whoever boots the machine wants. */
  readonly cmdline: string;
  /** Whether a device of this name is in /dev. */
  readonly exists: (name: string) => boolean;
  /** Whether it is a serial port with hardware behind it. */
  readonly isPort: (name: string) => boolean;
  /** Whether somebody can see virtual terminals. */
  readonly hasDisplay: boolean;
}

export interface ConsoleDevice {
  /** In /dev. */
  readonly name: string;
  /** Bits per second that the kernel command line asks for and the kernel has not set, because it is no console of its own. */
  readonly baud?: number;
}

/**
 * What the kernel has as console, and what it was asked for besides, which need not be there yet: a USB adapter. Of each driver it takes only one, so that with
 * two serial ports the second is none of its consoles (kernel/printk/printk.c, `try_enable_preferred_console`), but
 * a person can be there. A device that is there, no console and no such port is one that the kernel has refused.
 */
export function consoleDevices(facts: ConsoleFacts): readonly ConsoleDevice[] {
  const active = facts.active
    .trim()
    .split(/\s+/)
    .filter((name) => name !== '' && facts.exists(name))
    .map((name): ConsoleDevice => ({ name }));
  const asked = wanted(facts.cmdline)
    .filter(({ name }) => !active.some((one) => one.name === name))
    .filter(({ name }) => !facts.exists(name) || facts.isPort(name));
  return [...active, ...asked].filter(({ name }) => facts.hasDisplay || !isVirtualTerminal(name));
}

/** What `console=NAME,SPEED…` says, each name once; not those that are no terminals, such as `null` or `uart8250`. */
function wanted(cmdline: string): readonly ConsoleDevice[] {
  const [kernel = ''] = cmdline.split(/\s--(?:\s|$)/, 1);
  const devices = new Map<string, ConsoleDevice>();
  for (const word of kernel.split(/\s+/)) {
    const [, name, speed] = /^console=((?:tty[A-Za-z]*|hvc)\d+)(?:,(\d*).*)?$/.exec(word) ?? [];
    if (name === undefined || devices.has(name)) continue;
    devices.set(name, Number(speed) > 0 ? { name, baud: Number(speed) } : { name });
  }
  return [...devices.values()];
}

function isVirtualTerminal(name: string): boolean {
  return /^tty\d+$/.test(name);
}
