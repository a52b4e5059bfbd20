/** Which devices a console belongs on. Pure; system-units.ts looks at the machine. */

export interface ConsoleFacts {
  /** /sys/class/tty/console/active: the consoles that the kernel has, in its order. */
  readonly active: string;
  /** /proc/cmdline: what whoever boots the machine wants. */
  readonly cmdline: string;
  /** Whether a device of this name is in /dev. */
  readonly exists: (name: string) => boolean;
  /** Whether somebody can see virtual terminals. */
  readonly hasDisplay: boolean;
}

export interface ConsoleDevice {
  readonly name: string;
  /** It is not there yet: a USB adapter, perhaps. */
  readonly isLate: boolean;
}

/**
 * What the kernel has as console, and what it was asked for and has no device yet. A device that is there
 * without being a console is one that the kernel has refused: a serial port with nothing behind it, mostly.
 */
export function consoleDevices(facts: ConsoleFacts): readonly ConsoleDevice[] {
  const active = facts.active
    .trim()
    .split(/\s+/)
    .filter((name) => name !== '' && facts.exists(name))
    .map((name) => ({ name, isLate: false }));
  const late = wanted(facts.cmdline)
    .filter((name) => !facts.exists(name))
    .map((name) => ({ name, isLate: true }));
  return [...active, ...late].filter(({ name }) => facts.hasDisplay || !isVirtualTerminal(name));
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
