/**
 * `terminal LOG`: the process that PID 1 starts for each run of a program with a terminal. Descriptor 3 is the
 * socket to which the runtime sends the terminal's master, LOG the FIFO that the unit's log is read from. It
 * needs PID 1 for nothing else, so that the terminal stays while PID 1 is executed again.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ReadStream } from 'node:tty';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import type { Sys } from '../../sys/sys.ts';
import { createLineEnds } from '../terminal/line-ends.ts';

const CONSOLE_SOCKET = 3;
const POLL_MS = 20;
/** Above what the runtime may take to create a container: after that nobody will send anything. */
const PATIENCE_MS = 120_000;
/** From when a program closes its terminal to when it has ended. */
const LAST_WORDS_MS = 1_000;

/** Exit code 0 when the terminal is closed, 1 when none has come, 2 for wrong usage. */
export async function terminalApplet([log, ...more]: readonly string[]): Promise<number> {
  if (log === undefined || more.length > 0) {
    process.stderr.write('Usage: terminal LOG, started by process 1\n');
    return 2;
  }
  const sys = createLinuxSys();
  const master = await takeMaster(sys);
  if (master === undefined) return 1;
  // For reading, too: it stays open although PID 1, its reader, is replaced.
  const fifo = openSync(log, 'r+');
  const terminal = new ReadStream(master);
  const convert = createLineEnds();
  // Waits when the log is read slowly, as a program without a terminal would.
  terminal.on('data', (chunk: Buffer) => writeAll(fifo, convert(chunk)));
  const kept = sys.duplicate(master);
  // EIO: nobody has it open any more.
  terminal.on('error', () => {});
  await new Promise((resolve) => terminal.once('close', resolve));
  // Many programs close their streams a moment before they exit: the end of the master would hang them up then.
  await delay(LAST_WORDS_MS);
  closeSync(kept);
  return 0;
}

async function takeMaster(sys: Pick<Sys, 'takeTerminal'>): Promise<number | undefined> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += POLL_MS) {
    const master = sys.takeTerminal(CONSOLE_SOCKET);
    if (master !== undefined) {
      closeSync(CONSOLE_SOCKET);
      return master;
    }
    await delay(POLL_MS);
  }
  return undefined;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}
