import { openExec } from '../../../supervisor/exec/open-exec.ts';
import type { ExecRequest } from '../../../supervisor/exec/exec-shapes.ts';
import { UsageError } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { parseOptions, readPositionals } from '../parse-options.ts';
import { describeFailure } from '../report-failure.ts';
import { EXIT_EXEC_FAILED, execExitCode } from './exec-exit-code.ts';
import { execStreams } from './exec-streams.ts';
import { note } from './screen.ts';
import { unitCalled } from './unit-called.ts';
import { type Guest, unitsOf, withGuest } from './with-guest.ts';

export const execCommand: Command = {
  name: 'exec',
  summary: 'run a command in a service of a machine',
  usage: `Usage: ishmael exec NAME SERVICE [options] -- COMMAND [ARG…]

Runs COMMAND in the container of a service that runs, with the user, rights and environment of its program. With a
terminal on standard input and output it has a terminal of its own; otherwise input, output and errors stay apart.
When this command ends or its terminal is closed, COMMAND is hung up.

The exit code is COMMAND's, 128 and the number of the signal that has ended it; 126 when it cannot be executed, 127
when the container has no such program, and 125 when it was not run for any other reason.

  -t, --tty          a terminal in the container also where there is none here
  -T, --no-tty       none, although there is one here
  -i, --interactive  nothing: input is passed on in any case, as with "docker exec -i"
  -e, --env NAME=VALUE  a variable of COMMAND's environment, any number of times
  -w, --workdir DIR  where it begins (default: where the container's program has)
  --timeout SECONDS  how long a machine that boots may take to answer (default: 60)

Examples:
  ishmael exec redis redis -- redis-cli info
  ishmael exec redis redis -- sh
  echo hello | ishmael exec redis redis -- cat
`,
  completes: ['running', 'service'],
  async run(args) {
    try {
      return await runExec(args);
    } catch (error) {
      // Their codes could be the command's own.
      process.stderr.write(describeFailure(error).text);
      return EXIT_EXEC_FAILED;
    }
  },
};

async function runExec(args: readonly string[]): Promise<number> {
  const end = args.indexOf('--');
  const command = end === -1 ? [] : args.slice(end + 1);
  if (command.length === 0) throw new UsageError('Missing -- and the COMMAND to run');
  const { values, positionals } = parseOptions(args.slice(0, end), {
    tty: { type: 'boolean', short: 't', default: false },
    'no-tty': { type: 'boolean', short: 'T', default: false },
    interactive: { type: 'boolean', short: 'i', default: false },
    env: { type: 'string', short: 'e', multiple: true, default: [] },
    workdir: { type: 'string', short: 'w' },
    timeout: { type: 'string', default: '60' },
  });
  const wanted = ['the NAME of a machine', 'the SERVICE'];
  const [name = '', service = ''] = readPositionals(positionals, wanted);
  if (values.tty && values['no-tty'])
    throw new UsageError("'--tty' and '--no-tty' exclude each other");
  const wrong = values.env.find((word) => !/^[^=]+=/.test(word));
  if (wrong !== undefined) throw new UsageError(`Option '--env' wants NAME=VALUE, not '${wrong}'`);
  const isTerminal = !values['no-tty'] && (values.tty || isAtTerminal());
  const request = {
    args: command,
    env: [...(isTerminal ? [`TERM=${process.env['TERM'] ?? 'xterm'}`] : []), ...values.env],
    ...(values.workdir === undefined ? {} : { cwd: values.workdir }),
    ...(isTerminal ? { terminal: windowSize() } : {}),
  };
  return withGuest(name, values.timeout, (guest) => execIn(guest, service, request));
}

function isAtTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

function windowSize(): NonNullable<ExecRequest['terminal']> {
  // Typed as there in any case; without a terminal they are not.
  const { rows = 24, columns = 80 } = process.stdout as Partial<NodeJS.WriteStream>;
  return { rows, columns };
}

async function execIn(guest: Guest, service: string, request: ExecRequest): Promise<number> {
  const { id } = unitCalled(await unitsOf(guest), service);
  const streams = execStreams(request.terminal !== undefined, windowSize);
  const exec = await openExec(guest.socketPath, id, request, streams.outputs);
  const detach = streams.attach(exec);
  try {
    const end = await exec.end;
    if (end.kind === 'refused') note(end.message);
    return execExitCode(end);
  } catch (error) {
    if (streams.isReaderGone()) return execExitCode({ kind: 'signaled', signal: 13, core: false });
    throw error;
  } finally {
    detach();
  }
}
