/** The commands a person can give: their grammar and their help. Pure; words in, a command out. */
import { MACHINE_LOG_NAMES } from '../control/api.ts';
import { closest } from '../view/closest.ts';
import { type ConsoleMode, includesMode } from './policy.ts';
import { splitWords } from './words.ts';

export type CommandName =
  | 'help'
  | 'status'
  | 'why'
  | 'logs'
  | 'dmesg'
  | 'events'
  | 'boot'
  | 'top'
  | 'ps'
  | 'mem'
  | 'disk'
  | 'net'
  | 'config'
  | 'crash'
  | 'support'
  | 'lock'
  | 'start'
  | 'stop'
  | 'restart'
  | 'signal'
  | 'exec'
  | 'poweroff'
  | 'reboot'
  | 'resume';

/** A command and what was said with it; the parser lets through only what its usage has. */
export interface Order {
  readonly tag: CommandName;
  /** Of a unit, as a person has it: id or name. */
  readonly unit?: string;
  /** For `signal`: name or number. */
  readonly signal?: string;
  /** For `exec`: the program and what it is told. */
  readonly args?: readonly string[];
  /** `-f`: goes on until Ctrl-C. */
  readonly follow: boolean;
  /** `-n N` */
  readonly count?: number;
  /** `-a`: what is left out otherwise as well. */
  readonly all: boolean;
  /** `--json`: as the control API has it, for programs. */
  readonly json: boolean;
}

export type Command =
  | { readonly tag: 'nothing' }
  | Order
  /** Not understood; `message` says what is wrong and what would be right. */
  | { readonly tag: 'wrong'; readonly message: string };

export const DEFAULT_TAIL = 100;

/** What `logs` shows beside those of the units. */
export const MACHINE_LOGS: readonly string[] = MACHINE_LOG_NAMES;

interface CommandSpec {
  readonly usage: string;
  readonly text: string;
  /** Whether it needs the name of a unit, and which kind of units it is about. */
  readonly unit?: 'needed' | 'possible';
  readonly signal?: 'needed';
  readonly options?: readonly ('-f' | '-n' | '-a' | '--json')[];
  /** A program and its arguments, whatever they look like. */
  readonly args?: 'needed';
  /** Which consoles may: `control` for what changes the machine. Absent where it only looks. */
  readonly needs?: 'control' | 'shell';
}

/** In the order of `help`. */
export const COMMANDS: Readonly<Record<CommandName, CommandSpec>> = {
  help: { usage: 'help', text: 'these lines' },
  status: {
    usage: 'status [NAME]',
    text: 'what runs, what failed and why',
    unit: 'possible',
    options: ['--json'],
  },
  why: {
    usage: 'why NAME [-n N]',
    text: 'what it waits for, how it ended, its health and log',
    unit: 'needed',
    options: ['-n', '--json'],
  },
  logs: {
    usage: 'logs NAME [-f] [-n N]',
    text: `the last N lines (${DEFAULT_TAIL}); also logs kernel, ishmael`,
    unit: 'needed',
    options: ['-f', '-n', '--json'],
  },
  dmesg: {
    usage: 'dmesg [-f] [-n N]',
    text: 'the log of the kernel',
    options: ['-f', '-n', '--json'],
  },
  events: {
    usage: 'events [-f] [-n N]',
    text: 'what has happened',
    options: ['-f', '-n', '--json'],
  },
  boot: {
    usage: 'boot [-a]',
    text: 'what the boot has spent its time on; -a: each step',
    options: ['-a', '--json'],
  },
  top: {
    usage: 'top [-n N]',
    text: 'what the units use, live; q or Ctrl-C ends it',
    options: ['-n', '--json'],
  },
  ps: {
    usage: 'ps [NAME]',
    text: 'the processes of the units',
    unit: 'possible',
    options: ['--json'],
  },
  mem: { usage: 'mem', text: 'what the memory is used for', options: ['--json'] },
  disk: { usage: 'disk', text: 'filesystems and disks', options: ['--json'] },
  net: { usage: 'net', text: 'interfaces, routes, who listens', options: ['--json'] },
  config: {
    usage: 'config [NAME]',
    text: 'what the image says is to run, without secrets',
    unit: 'possible',
    options: ['--json'],
  },
  crash: {
    usage: 'crash',
    text: 'what the kernel said last if it crashed before',
    options: ['--json'],
  },
  support: {
    usage: 'support [-n N]',
    text: 'all of this in one text, without secrets, to be sent',
    options: ['-n'],
  },
  lock: { usage: 'lock', text: 'ask for the password before anything else' },
  start: {
    usage: 'start NAME',
    text: 'start a service',
    unit: 'needed',
    options: ['--json'],
    needs: 'control',
  },
  stop: {
    usage: 'stop NAME',
    text: 'stop a service; it stays stopped',
    unit: 'needed',
    options: ['--json'],
    needs: 'control',
  },
  restart: {
    usage: 'restart NAME',
    text: 'stop a service and start it again',
    unit: 'needed',
    options: ['--json'],
    needs: 'control',
  },
  signal: {
    usage: 'signal NAME SIGNAL',
    text: 'send its first process a signal, such as HUP',
    unit: 'needed',
    signal: 'needed',
    needs: 'control',
  },
  exec: {
    usage: 'exec NAME COMMAND…',
    text: 'run a program in its container, on this terminal',
    unit: 'needed',
    args: 'needed',
    needs: 'shell',
  },
  poweroff: {
    usage: 'poweroff',
    text: 'stop the services, then switch the machine off',
    needs: 'control',
  },
  reboot: {
    usage: 'reboot',
    text: 'stop the services, then start the machine again',
    needs: 'control',
  },
  resume: {
    usage: 'resume',
    text: 'in an emergency: let PID 1 begin anew, services run on',
    needs: 'control',
  },
};

export const COMMAND_NAMES: readonly CommandName[] = Object.keys(COMMANDS).filter(isCommandName);

export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}

export function isAllowed(name: CommandName, mode: ConsoleMode): boolean {
  return includesMode(mode, COMMANDS[name].needs ?? 'status');
}

export function allowedCommands(mode: ConsoleMode): readonly CommandName[] {
  return COMMAND_NAMES.filter((name) => isAllowed(name, mode));
}

/** The commands that may be given, and which ones there are besides. */
export function helpLines(mode: ConsoleMode): readonly string[] {
  const allowed = allowedCommands(mode).map((name) => COMMANDS[name]);
  const size = Math.max(...allowed.map(({ usage }) => usage.length));
  const others = COMMAND_NAMES.filter((name) => !isAllowed(name, mode));
  return [
    ...allowed.map(({ usage, text }) => `  ${usage.padEnd(size)}  ${text}`),
    '-f goes on until Ctrl-C; --json: as the control API says it, for programs',
    ...(others.length === 0 ? [] : [`Not allowed here: ${others.join(', ')}`]),
  ];
}

/** Why a person here may not do this, and who may. */
export function refusal(name: CommandName): string {
  return `"${name}" is not allowed at this console: the image has no "console: ${COMMANDS[name].needs}".`;
}

export function parseCommand(line: string): Command {
  const words = splitWords(line);
  return words === undefined
    ? { tag: 'wrong', message: 'A quote has no end, or a backslash nothing behind it.' }
    : parseWords(words);
}

export function parseWords(words: readonly string[]): Command {
  const [name, ...rest] = words;
  if (name === undefined) return { tag: 'nothing' };
  if (!isCommandName(name)) {
    return { tag: 'wrong', message: `Unknown command "${name}". ${advice(name)}` };
  }
  return parseOrder(name, rest) ?? { tag: 'wrong', message: `Usage: ${COMMANDS[name].usage}` };
}

/** `undefined` for what the command's usage does not have. */
function parseOrder(tag: CommandName, words: readonly string[]): Order | undefined {
  const { unit: wantsUnit, signal: wantsSignal, args: wantsArgs, options = [] } = COMMANDS[tag];
  let order: Order = { tag, follow: false, all: false, json: false };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (wantsArgs !== undefined && order.unit !== undefined) {
      order = { ...order, args: words.slice(at) };
      break;
    }
    if (word === '-f' && options.includes('-f')) {
      order = { ...order, follow: true };
    } else if (word === '-a' && options.includes('-a')) {
      order = { ...order, all: true };
    } else if (word === '--json' && options.includes('--json')) {
      order = { ...order, json: true };
    } else if (word.startsWith('-n') && options.includes('-n')) {
      const count = word === '-n' ? words[(at += 1)] : word.slice(2);
      if (count === undefined || !/^\d{1,6}$/.test(count)) return undefined;
      order = { ...order, count: Number(count) };
    } else if (wantsUnit !== undefined && order.unit === undefined && !word.startsWith('-')) {
      order = { ...order, unit: word };
    } else if (wantsSignal !== undefined && order.signal === undefined && /^\w/.test(word)) {
      order = { ...order, signal: word };
    } else {
      return undefined;
    }
  }
  const isWhole =
    (wantsUnit !== 'needed' || order.unit !== undefined) &&
    (wantsSignal === undefined || order.signal !== undefined) &&
    (wantsArgs === undefined || order.args !== undefined);
  return isWhole ? order : undefined;
}

function advice(name: string): string {
  const meant = closest(name, COMMAND_NAMES);
  return meant === undefined ? 'Type "help" for the commands.' : `Did you mean "${meant}"?`;
}
