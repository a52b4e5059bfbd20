/**
 * A serial line as slow as real ones: a pty that QEMU takes for one of the host's, of whose bytes no more are
 * taken in a second than such a line carries. QEMU's own sockets would take hundreds of kilobytes at once.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ConsoleRecord } from '../../build/run/console-record.ts';

export interface SlowLine {
  /** For QEMU's `-serial`. */
  readonly device: string;
  readonly console: ConsoleRecord;
  type(text: string): void;
  /** Nobody takes anything any more, as with Ctrl-S, until `resume`. */
  stop(): void;
  resume(): void;
  close(): void;
}

/** Tells the pty's name in a line; then standard input is what is typed and standard output what is shown. */
const LINE = `
import os, pty, select, sys, time, tty
bytes_per_second = int(sys.argv[1])
master, slave = pty.openpty()
tty.setraw(slave)
os.write(1, (os.ttyname(slave) + '\\n').encode())
while True:
    ready, _, _ = select.select([0, master], [], [])
    if 0 in ready:
        typed = os.read(0, 64)
        if not typed: break
        os.write(master, typed)
    if master in ready:
        os.write(1, os.read(master, bytes_per_second // 20))
        time.sleep(0.05)
`;

export async function openSlowLine(bytesPerSecond: number): Promise<SlowLine> {
  const line = spawn('python3', ['-c', LINE, String(bytesPerSecond)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const record = new ConsoleRecord();
  const [head] = (await once(line.stdout, 'data')) as [Buffer];
  line.stdout.on('data', (chunk: Buffer) => record.append(chunk));
  return {
    device: head.toString().trim(),
    console: record,
    type: (text) => void line.stdin.write(text),
    stop: () => void line.kill('SIGSTOP'),
    resume: () => void line.kill('SIGCONT'),
    close: () => void line.kill('SIGKILL'),
  };
}
