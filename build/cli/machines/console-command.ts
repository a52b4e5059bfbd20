import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { errnoCode } from '../../../sys/errno.ts';
import { MachineError } from '../../machine/machine-error.ts';
import { socketPaths } from '../../machine/machine-paths.ts';
import { findMachine, findRunning } from '../../machine/machine-registry.ts';
import { attachTerminal } from '../../run/attach-terminal.ts';
import { ConsoleRecord } from '../../run/console-record.ts';
import { ESCAPE_KEY_NAME } from '../../run/escape-key.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { onePositional, parseOptions } from '../parse-options.ts';
import { note } from './screen.ts';

export const consoleCommand: Command = {
  name: 'console',
  summary: "a machine's serial console on this terminal",
  usage: `Usage: ishmael console NAME [--log]

Puts the machine's serial console on this terminal, its last lines first. ${ESCAPE_KEY_NAME} leaves it; every other
key, Ctrl-C included, belongs to the machine. Several may look and type at once.

  --log  print everything the serial line has said so far instead; of machines that have ended too

Examples:
  ishmael console redis
  ishmael console redis --log | less
`,
  completes: ['machine'],
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      log: { type: 'boolean', default: false },
    });
    const name = onePositional(positionals, 'the NAME of a machine');
    if (values.log) await printLog((await findMachine(name)).record.consoleLog);
    else await attach(name);
    return EXIT_OK;
  },
};

async function printLog(path: string): Promise<void> {
  try {
    await pipeline(createReadStream(path), process.stdout, { end: false });
  } catch (error) {
    // A reader that has seen enough, such as `head`.
    if (errnoCode(error) !== 'EPIPE') throw error;
  }
}

async function attach(name: string): Promise<void> {
  const { sockets } = await findRunning(name);
  const socket = connect(socketPaths(sockets).console);
  try {
    await once(socket, 'connect');
  } catch (cause) {
    throw new MachineError('no-answer', `The keeper of "${name}" does not answer`, { cause });
  }
  const record = new ConsoleRecord();
  socket.on('data', (chunk: Buffer) => record.append(chunk));
  socket.on('error', () => {});
  note(`the console of "${name}"; ${ESCAPE_KEY_NAME} leaves it`);
  let isLeft = false;
  const leave = (): void => {
    isLeft = true;
    socket.destroy();
  };
  const line = {
    console: record,
    sendConsole: (bytes: Uint8Array | string) => void socket.write(bytes),
  };
  const detach = attachTerminal(line, process, leave);
  await once(socket, 'close');
  detach();
  process.stderr.write(`\nishmael: ${isLeft ? 'left' : 'the machine has ended'}\n`);
}
