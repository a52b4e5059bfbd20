/** memlogd's two sockets, with a client that is not ours on the one that takes descriptors. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

const CHILD = join(import.meta.dirname, 'memlogd-child.ts');

let dir: string;
let child: ChildProcess;
let control: Server;
let log: string;
let query: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'memlogd-'));
  [log, query] = [join(dir, 'log.sock'), join(dir, 'query.sock')];
  control = createServer((request, response) => {
    if (request.url === '/v1/machine') response.end('{"generation":0}');
    else response.write(`${JSON.stringify(LINE)}\n`);
  });
  await new Promise<void>((resolve) => control.listen(join(dir, 'control.sock'), resolve));
  const args = [
    '--disable-warning=ExperimentalWarning',
    CHILD,
    log,
    query,
    join(dir, 'control.sock'),
  ];
  child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await expect.poll(() => existsSync(query), { timeout: 20_000 }).toBe(true);
});

afterEach(async () => {
  child.kill();
  await once(child, 'exit');
  control.closeAllConnections();
  control.close();
  rmSync(dir, { recursive: true });
});

const LINE = { seq: 1, atMs: 0, unit: '000-dhcpcd', stream: 'stdout', text: 'an address' };

/** Sends descriptors of both kinds as LinuxKit's clients do, and one of a file; writes to them, and ends. */
const CLIENT = `
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(sys.argv[1])
r, w = os.pipe()
a, b = socket.socketpair()
socket.send_fds(s, [b'first'], [r])
socket.send_fds(s, [b'second.out'], [a.fileno()])
with open('/etc/passwd') as f: socket.send_fds(s, [b'file'], [f.fileno()])
s.send(b'nothing')
os.write(w, b'one\\ntwo\\n' + b'x' * 3000 + b'\\nhalf')
b.send(b'over a socket\\n')
`;

interface Entry {
  readonly time: string;
  readonly source: string;
  readonly msg: string;
}

/** All that the server tells in answer to `mode`, until it ends or `enough`. */
async function ask(mode: number, enough: (entries: readonly Entry[]) => boolean): Promise<Entry[]> {
  const socket = connect(query);
  socket.write(Buffer.from([mode]));
  let text = '';
  const entries = (): Entry[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Entry);
  for await (const chunk of socket) {
    text += String(chunk);
    if (enough(entries())) break;
  }
  return entries();
}

it('reads what descriptors lead to, and tells it with the logs of the machine', async () => {
  await promisify(execFile)('python3', ['-c', CLIENT, log], { timeout: 20_000 });
  const isThere = async (): Promise<boolean> =>
    (await ask(0, () => false)).some(({ msg }) => msg === 'half');
  await expect.poll(isThere, { timeout: 20_000 }).toBe(true);
  const kept = await ask(0, () => false);
  const of = (source: string): readonly string[] =>
    kept.filter((entry) => entry.source === source).map(({ msg }) => msg);
  expect(of('first')).toEqual(['one', 'two', 'x'.repeat(1024), 'half']);
  expect(of('second.out')).toEqual(['over a socket']);
  expect(of('onboot.000-dhcpcd.out')).toEqual(['an address']);
  expect(of('memlogd')).toEqual([expect.stringContaining('file: the log is not read')]);
  expect(kept.every(({ time }) => !Number.isNaN(Date.parse(time)))).toBe(true);
});

it('tells what comes, with what there is or without', async () => {
  const send = async (): Promise<unknown> =>
    promisify(execFile)('python3', ['-c', CLIENT, log], { timeout: 20_000 });
  const both = ask(2, (entries) => entries.some(({ msg }) => msg === 'half'));
  const later = ask(1, (entries) => entries.some(({ msg }) => msg === 'half'));
  await expect.poll(async () => (await ask(0, () => false)).length).toBeGreaterThan(0);
  await send();
  expect((await both).map(({ msg }) => msg)).toContain('an address');
  expect((await later).map(({ msg }) => msg)).toContain('one');
});
