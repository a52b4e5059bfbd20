/**
 * Watches the socket that its first argument names, prints what comes as JSON lines, and executes itself
 * again when it is told to before it has returned, after waiting in a way that lets no JavaScript run.
 */
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import { watchDatagrams } from '../../supervisor/watch-datagrams.ts';

const [program = '', script = '', path = '', generation = '0'] = process.argv;

function tell(event: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ generation: Number(generation), ...event })}\n`);
}

function sleepMs(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

watchDatagrams(createLinuxSys(), path, 0o600, (bytes) => {
  const datagram = Buffer.from(bytes).toString();
  // What logger(1) puts before the message ends with a colon.
  const message = datagram.split(': ').at(-1) ?? '';
  tell({ text: datagram.length > 1000 ? datagram.length : message });
  if (message !== `become ${Number(generation) + 1}`) return;
  tell({ deaf: true });
  // What comes now stays in the socket.
  sleepMs(1500);
  const args = [program, ...process.execArgv, script, path, String(Number(generation) + 1)];
  process.execve?.(program, args, { PATH: process.env['PATH'] ?? '' });
});
setInterval(() => undefined, 2 ** 30);
tell({ ready: true });
