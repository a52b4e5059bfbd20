import type { UnitStatus } from '../../../supervisor/control/api.ts';
import { connectOverUnixSocket } from '../../../supervisor/control/client.ts';
import { socketPaths } from '../../machine/machine-paths.ts';
import { findRunning, listMachines } from '../../machine/machine-registry.ts';
import { UsageError } from '../cli-error.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { COMMANDS } from '../dispatch.ts';
import { onePositional, parseOptions } from '../parse-options.ts';
import { type Completion, planCompletion } from './plan-completion.ts';
import { FILES, SHELL_SCRIPTS } from './shell-scripts.ts';

/** Somebody has pressed Tab and waits: a guest that boots is not waited for. */
const PATIENCE_MS = 1_000;

export const completionCommand: Command = {
  name: 'completion',
  summary: 'print what teaches a shell to complete commands, machines and services',
  usage: `Usage: ishmael completion bash|zsh|fish

Prints a script for the shell, for "ishmael" in PATH. "ishmael completion words -- WORD…" is what the scripts
call: it prints what the last WORD can become.

Examples:
  source <(ishmael completion bash)                   in ~/.bashrc
  source <(ishmael completion zsh)                    in ~/.zshrc, after compinit
  ishmael completion fish > ~/.config/fish/completions/ishmael.fish
`,
  completes: [[...SHELL_SCRIPTS.keys()]],
  async run(args) {
    if (args[0] === 'words') {
      const words = args.slice(args[1] === '--' ? 2 : 1);
      process.stdout.write((await candidates(words)).map((word) => `${word}\n`).join(''));
      return EXIT_OK;
    }
    const { positionals } = parseOptions(args, {});
    const shell = onePositional(positionals, 'bash, zsh or fish');
    const script = SHELL_SCRIPTS.get(shell);
    if (script === undefined) throw new UsageError(`There is no completion for '${shell}'`);
    process.stdout.write(script);
    return EXIT_OK;
  },
};

async function candidates(words: readonly string[]): Promise<readonly string[]> {
  const [name = '', ...rest] = words;
  const word = words.at(-1) ?? '';
  const isFirst = words.length <= 1;
  if (isFirst || (name === 'help' && words.length === 2)) {
    return [...COMMANDS.keys(), ...(isFirst ? ['help'] : [])].filter((known) =>
      known.startsWith(word),
    );
  }
  const command = await COMMANDS.get(name)?.();
  if (command === undefined) return [];
  const found = await lookUp(planCompletion(command, rest.slice(0, -1), word));
  return found.filter((known) => known === FILES || known.startsWith(word));
}

async function lookUp(completion: Completion): Promise<readonly string[]> {
  switch (completion.tag) {
    case 'words':
      return completion.words;
    case 'file':
      return [FILES];
    case 'running':
    case 'machine': {
      const machines = await listMachines();
      return machines
        .filter(({ state }) => completion.tag === 'machine' || state !== 'ended')
        .map(({ record }) => record.name);
    }
    case 'service':
      return serviceNames(completion.machine);
  }
}

async function serviceNames(machine: string): Promise<readonly string[]> {
  try {
    const { sockets } = await findRunning(machine);
    const options = { timeoutMs: PATIENCE_MS };
    const client = connectOverUnixSocket(socketPaths(sockets).api, options);
    const units = await client.get<readonly UnitStatus[]>('/v1/services');
    return units.map(({ name, id }) => (isShared(units, name) ? id : name));
  } catch {
    // Nothing to complete is no error at the prompt.
    return [];
  }
}

function isShared(units: readonly UnitStatus[], name: string): boolean {
  return units.filter((unit) => unit.name === name).length > 1;
}
