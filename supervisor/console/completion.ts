/** What Tab adds to a command line. Pure. */
import { COMMANDS, type CommandName, isCommandName, MACHINE_LOGS } from './command.ts';

export interface Completion {
  /** What is to be inserted at the cursor; '' when nothing is certain. */
  readonly insert: string;
  /** The candidates, when there are several and none of their letters is certain. */
  readonly candidates: readonly string[];
}

/** Whether the cursor stands where a unit's name goes, so that the names are worth asking for. */
export function wantsUnits(before: string): boolean {
  const [name = '', ...rest] = before.trimStart().split(/\s+/);
  return rest.length > 0 && isCommandName(name) && COMMANDS[name].unit !== undefined;
}

/**
 * Completes the word that ends at the cursor.
 * @param commands those that may be given
 */
export function complete(
  before: string,
  commands: readonly CommandName[],
  units: readonly string[],
): Completion {
  const words = before.trimStart().split(/\s+/);
  const word = words.at(-1) ?? '';
  const names = words.length === 1 ? commands : namesFor(before, units);
  const fitting = [...new Set(names)].filter((name) => name.startsWith(word));
  const [only] = fitting;
  if (only === undefined) return { insert: '', candidates: [] };
  if (fitting.length === 1) return { insert: `${only.slice(word.length)} `, candidates: [] };
  const insert = commonPrefix(fitting).slice(word.length);
  return { insert, candidates: insert === '' ? fitting : [] };
}

function namesFor(before: string, units: readonly string[]): readonly string[] {
  if (!wantsUnits(before)) return [];
  return before.trimStart().startsWith('logs') ? [...units, ...MACHINE_LOGS] : units;
}

function commonPrefix(names: readonly string[]): string {
  let prefix = names[0] ?? '';
  for (const name of names) {
    while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  }
  return prefix;
}
