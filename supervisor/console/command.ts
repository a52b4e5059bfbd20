/** The commands a person can give: their grammar and their help. Pure; words in, a command out. */
import { MACHINE_LOG_NAMES } from '../control/api.ts';
import { closest } from '../view/closest.ts';

export type Command =
  | { readonly tag: 'nothing' }
  | { readonly tag: 'help' | 'crash' }
  | { readonly tag: 'status'; readonly unit?: string }
  | { readonly tag: 'logs'; readonly unit: string; readonly follow: boolean; readonly tail: number }
  | { readonly tag: 'poweroff' }
  | { readonly tag: 'reboot' }
  | { readonly tag: 'resume' }
  /** Not understood; `message` says what is wrong and what would be right. */
  | { readonly tag: 'wrong'; readonly message: string };

export const DEFAULT_TAIL = 100;

/** What `logs` shows beside those of the units. */
export const MACHINE_LOGS: readonly string[] = MACHINE_LOG_NAMES;

interface CommandHelp {
  readonly usage: string;
  readonly text: string;
}

/** In the order of `help`. */
export const COMMANDS: Readonly<Record<string, CommandHelp>> = {
  help: { usage: 'help', text: 'these lines' },
  status: { usage: 'status [NAME]', text: 'what runs, what failed and why' },
  logs: {
    usage: 'logs NAME [-f] [-n N]',
    text: `the last N lines (${DEFAULT_TAIL}); also logs kernel, ishmael`,
  },
  crash: { usage: 'crash', text: 'what the kernel said last if it crashed before' },
  poweroff: { usage: 'poweroff', text: 'stop the services, then switch the machine off' },
  reboot: { usage: 'reboot', text: 'stop the services, then start the machine again' },
  resume: { usage: 'resume', text: 'in an emergency: let PID 1 begin anew, services run on' },
};

export function helpLines(): readonly string[] {
  const commands = Object.values(COMMANDS);
  const size = Math.max(...commands.map(({ usage }) => usage.length));
  return commands.map(({ usage, text }) => `  ${usage.padEnd(size)}  ${text}`);
}

export function parseCommand(line: string): Command {
  return parseWords(
    line
      .trim()
      .split(/\s+/)
      .filter((word) => word !== ''),
  );
}

export function parseWords(words: readonly string[]): Command {
  const [name, ...rest] = words;
  switch (name) {
    case undefined:
      return { tag: 'nothing' };
    case 'help':
    case 'crash':
    case 'poweroff':
    case 'reboot':
    case 'resume':
      return rest.length === 0 ? { tag: name } : wrongUse(name);
    case 'status':
      return parseStatus(rest);
    case 'logs':
      return parseLogs(rest);
    default:
      return { tag: 'wrong', message: `Unknown command "${name}". ${advice(name)}` };
  }
}

function parseStatus([unit, ...more]: readonly string[]): Command {
  if (more.length > 0) return wrongUse('status');
  return unit === undefined ? { tag: 'status' } : { tag: 'status', unit };
}

function parseLogs(words: readonly string[]): Command {
  let unit: string | undefined;
  let follow = false;
  let tail = DEFAULT_TAIL;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '-f') {
      follow = true;
    } else if (word.startsWith('-n')) {
      const count = word === '-n' ? words[(at += 1)] : word.slice(2);
      if (count === undefined || !/^\d{1,6}$/.test(count)) return wrongUse('logs');
      tail = Number(count);
    } else if (unit === undefined && !word.startsWith('-')) {
      unit = word;
    } else {
      return wrongUse('logs');
    }
  }
  return unit === undefined ? wrongUse('logs') : { tag: 'logs', unit, follow, tail };
}

function wrongUse(name: string): Command {
  return { tag: 'wrong', message: `Usage: ${COMMANDS[name]?.usage ?? name}` };
}

function advice(name: string): string {
  const meant = closest(name, Object.keys(COMMANDS));
  return meant === undefined ? 'Type "help" for the commands.' : `Did you mean "${meant}"?`;
}
