/**
 * The console process: one for each `console=` device of the kernel command line, started by PID 1 and
 * started again by it when it ends. Only wires: terminal ↔ session ↔ control client.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { errnoCode } from '../../sys/errno.ts';
import { CONTROL_SOCKET } from '../control/api.ts';
import { type ControlClient, connectOverUnixSocket } from '../control/client.ts';
import { openExec } from '../exec/open-exec.ts';
import { watchBoot } from './boot-watch.ts';
import { isPassword } from './check-password.ts';
import type { BeginExec } from './command-context.ts';
import { followEvents } from './event-feed.ts';
import { createGate } from './gate.ts';
import { issueLines } from './issue.ts';
import { createKeyDecoder } from './keys.ts';
import { parsePasswordHash } from './password-hash.ts';
import type { ConsolePolicy } from './policy.ts';
import { createScreen } from './screen.ts';
import { createSession, type Session, type SessionOutput, type SessionTerms } from './session.ts';
import { createSlowWriter } from './slow-writer.ts';
import { createSizeQuery } from './terminal-size.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { watchKernel } from './watch-kernel.ts';

/** PID 1 kills what does not end; until then the last words go out. */
const LAST_WORDS_MS = 2_000;

/**
 * Errors of a device with nothing behind it: tty0 of a machine without a screen, a serial port that the
 * hardware does not have. There is nothing to show anybody, and nothing to complain about.
 */
const NOBODY_THERE: readonly string[] = ['ENOENT', 'ENXIO', 'ENODEV', 'EIO', 'ENOTTY'];

/**
 * Runs until the terminal hangs up or the process gets SIGTERM. Returns at once when there is nothing
 * behind `device`; rejects when it cannot be opened for another reason.
 */
export async function runConsole(
  device: string,
  policy: ConsolePolicy,
  socketPath: string = CONTROL_SOCKET,
): Promise<void> {
  const terminal = openOrNobody(device);
  if (terminal === undefined) return;
  const ended = new AbortController();
  const end = (): void => ended.abort();
  process.once('SIGTERM', end);
  terminal.onLost(end);

  const client = connectOverUnixSocket(socketPath);
  const writer = createSlowWriter((bytes) => terminal.writeSome(bytes), end);
  const screen = createScreen((text) => writer.write(text));
  const size = createSizeQuery(
    (text) => writer.write(text),
    (said) => screen.setSize(said),
  );
  const output: SessionOutput = { screen, size, ...writer };
  const exec: BeginExec = (id, request, outputs) => openExec(socketPath, id, request, outputs);
  const session = openSession(client, output, { ...policy, exec });
  const boot = watchBoot(client, (summary) => session.settled(summary));
  void watchKernel(client, () => screen.repair(), ended.signal);
  const keys = createKeyDecoder();
  terminal.onInput((bytes) => {
    if (session.takeBytes(bytes)) return;
    for (const input of keys.push(bytes)) {
      if ('size' in input) size.answered(input.size);
      else session.keys([input]);
    }
  });

  await followEvents(
    client,
    {
      ...session,
      connected(machine, how) {
        if (how === 'first') screen.print(issueLines());
        session.connected(machine, how);
        boot.somethingHappened();
      },
      event(entry) {
        session.event(entry);
        boot.somethingHappened();
      },
    },
    ended.signal,
  );

  boot.stop();
  session.close();
  await Promise.race([writer.flushed(), delay(LAST_WORDS_MS, undefined, { ref: false })]);
  terminal.close();
}

/** A hash that cannot be read lets nobody in. */
function openSession(
  client: ControlClient,
  output: SessionOutput,
  { password, ...terms }: ConsolePolicy & Pick<SessionTerms, 'exec'>,
): Session {
  if (password === undefined) return createSession(client, output, terms);
  const known = parsePasswordHash(password);
  return createGate(output.screen, {
    isPassword: async (text) => known !== undefined && isPassword(text, known),
    open: (lock) => createSession(client, output, { ...terms, lock }),
  });
}

function openOrNobody(device: string): Terminal | undefined {
  try {
    return openTerminal(device);
  } catch (error) {
    if (NOBODY_THERE.includes(errnoCode(error) ?? '')) return undefined;
    throw error;
  }
}
