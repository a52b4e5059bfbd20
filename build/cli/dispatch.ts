/** From the words after `ishmael` to the command that runs. */
import { UsageError } from './cli-error.ts';
import { type Command, EXIT_OK } from './command.ts';
import { helpText } from './help-text.ts';

/** Each is loaded only when it is asked for: `run` has no use for the YAML parser and the bundler. */
export const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['build', async () => (await import('./build-command.ts')).buildCommand],
  ['run', async () => (await import('./run-command.ts')).runCommand],
  ['ps', async () => (await import('./machines/ps-command.ts')).psCommand],
  ['status', async () => (await import('./machines/status-command.ts')).statusCommand],
  ['logs', async () => (await import('./machines/logs-command.ts')).logsCommand],
  ['events', async () => (await import('./machines/events-command.ts')).eventsCommand],
  ['why', async () => (await import('./machines/why-command.ts')).whyCommand],
  ['boot', async () => (await import('./machines/boot-command.ts')).bootCommand],
  ['top', async () => (await import('./machines/top-command.ts')).topCommand],
  ['stats', async () => (await import('./machines/stats-command.ts')).statsCommand],
  ['service', async () => (await import('./machines/service-command.ts')).serviceCommand],
  ['exec', async () => (await import('./machines/exec-command.ts')).execCommand],
  ['cp', async () => (await import('./machines/cp-command.ts')).cpCommand],
  ['update', async () => (await import('./machines/update-command.ts')).updateCommand],
  ['console', async () => (await import('./machines/console-command.ts')).consoleCommand],
  ['stop', async () => (await import('./machines/stop-command.ts')).stopCommand],
  ['kill', async () => (await import('./machines/kill-command.ts')).killCommand],
  ['rm', async () => (await import('./machines/rm-command.ts')).rmCommand],
  [
    'completion',
    async () => (await import('./completion/completion-command.ts')).completionCommand,
  ],
  ['components', async () => (await import('./components-command.ts')).componentsCommand],
  ['images', async () => (await import('./images-command.ts')).imagesCommand],
  ['password', async () => (await import('./password-command.ts')).passwordCommand],
  ['replay', async () => (await import('./replay-command.ts')).replayCommand],
  ['new', async () => (await import('./new-command.ts')).newCommand],
  ['measure', async () => (await import('./measure-command.ts')).measureCommand],
  ['explain', async () => (await import('./explain-command.ts')).explainCommand],
  ['spec', async () => (await import('./spec-command.ts')).specCommand],
  ['start', async () => (await import('./start-command.ts')).startCommand],
]);

/** Resolves with the exit code; rejects with whatever the command failed with. */
export async function dispatch(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) throw new UsageError('Missing a command');
  if (name === 'help' || name === '--help' || name === '-h') return help(rest[0]);
  const command = await load(name);
  // What comes after `--` is somebody else's.
  const own = rest.slice(0, rest.indexOf('--') + 1 || rest.length);
  return own.includes('--help') ? help(name) : command.run(rest);
}

async function help(name: string | undefined): Promise<number> {
  const text =
    name === undefined
      ? helpText(await Promise.all([...COMMANDS.values()].map((loader) => loader())))
      : (await load(name)).usage;
  process.stdout.write(text);
  return EXIT_OK;
}

async function load(name: string): Promise<Command> {
  const loader = COMMANDS.get(name);
  if (loader === undefined) throw new UsageError(`There is no command '${name}'`);
  return loader();
}
