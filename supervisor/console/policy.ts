/**
 * What a person at a console may do: the part of the manifest that says so. The builder writes it, PID 1 and
 * the console process read it. Pure.
 */

/**
 * `off`: no console process at all. `status`: look. `control`: services and power as well. `shell`: also run
 * programs in containers. In this order, each allows what those before it do.
 */
export const CONSOLE_MODES = ['off', 'status', 'control', 'shell'] as const;
export type ConsoleMode = (typeof CONSOLE_MODES)[number];

export function includesMode(mode: ConsoleMode, needed: ConsoleMode): boolean {
  return CONSOLE_MODES.indexOf(mode) >= CONSOLE_MODES.indexOf(needed);
}

export interface ConsolePolicy {
  readonly mode: ConsoleMode;
  /** What a person must know; as password-hash.ts writes it, never the password. Absent: nothing. */
  readonly password?: string;
  /** Only what is wrong is shown without being asked for. */
  readonly quiet: boolean;
}

/** Also where the manifest cannot be read: whoever has not said that a console may do more has not allowed it. */
export const DEFAULT_CONSOLE: ConsolePolicy = { mode: 'status', quiet: false };
