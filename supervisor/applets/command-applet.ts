/**
 * `status`, `logs`, `crash`, `poweroff`, `reboot` and `help` for a shell: the console's commands with standard
 * output as the screen. Exit codes: 0 done, 1 PID 1 refused or cannot be reached, 2 wrong usage.
 */
import { errorMessage } from '../../sys/errno.ts';
import { CONTROL_SOCKET } from '../control/api.ts';
import { connectOverUnixSocket } from '../control/client.ts';
import { parseWords } from '../console/command.ts';
import { printable } from '../view/printable.ts';
import { runCommand } from '../console/run-command.ts';

export async function commandApplet(
  words: readonly string[],
  socketPath: string = CONTROL_SOCKET,
): Promise<number> {
  const command = parseWords(words);
  if (command.tag === 'wrong') {
    process.stderr.write(`${command.message}\n`);
    return 2;
  }
  if (command.tag === 'nothing') return 0;
  const { stdout } = process;
  const stop = new AbortController();
  // A reader that has seen enough, such as `head`, is no error.
  stdout.on('error', () => stop.abort());
  const print = (lines: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      const shown = stdout.isTTY ? lines.map(printable) : lines;
      stdout.write(shown.map((line) => `${line}\n`).join(''), () => resolve());
    });
  try {
    const width = stdout.isTTY ? stdout.columns || 80 : Number.POSITIVE_INFINITY;
    const client = connectOverUnixSocket(socketPath);
    // Whoever sees the socket has the whole API: there is nothing that this end could keep from them.
    const context = { client, print, width, mode: 'shell', signal: stop.signal } as const;
    return (await runCommand(command, context)) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`Cannot ask PID 1: ${errorMessage(error)}\n`);
    return 1;
  }
}
