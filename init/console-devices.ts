/** Which devices a console belongs on, by their names in /dev. Pure; system-units.ts looks at the machine. */

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

/**
 * What the kernel has as console, and what it was asked for besides, which need not be there yet: a USB adapter. Of each driver it takes only one, so that with
 * two serial ports the second is none of its consoles (kernel/printk/printk.c, `try_enable_preferred_console`), but
 * a person can be there. A device that is there, no console and no such port is one that the kernel has refused.
 */
export function consoleDevices(facts: ConsoleFacts): readonly string[] {
  const active = facts.active
    .trim()
    .split(/\s+/)
    .filter((name) => name !== '' && facts.exists(name));
  const asked = wanted(facts.cmdline)
    .filter((name) => !active.includes(name))
    .filter((name) => !facts.exists(name) || facts.isPort(name));
  return [...active, ...asked].filter((name) => facts.hasDisplay || !isVirtualTerminal(name));
}

/** The names of `console=NAME,OPTIONS`, each once; not those that are no terminals, such as `null` or `uart8250`. */
function wanted(cmdline: string): readonly string[] {
  const [kernel = ''] = cmdline.split(/\s--(?:\s|$)/, 1);
  const names = kernel.split(/\s+/).flatMap((word) => {
    const name = /^console=((?:tty[A-Za-z]*|hvc)\d+)(?:,|$)/.exec(word)?.[1];
    return name === undefined ? [] : [name];
  });
  return [...new Set(names)];
}

function isVirtualTerminal(name: string): boolean {
  return /^tty\d+$/.test(name);
}
