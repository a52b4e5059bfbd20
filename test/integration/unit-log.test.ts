import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogLine } from '../../supervisor/control/api.ts';
import { closeOutputs } from '../../supervisor/log/outputs.ts';
import { UnitLog, type UnitLogSetup } from '../../supervisor/log/unit-log.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /gm;

const execute = promisify(execFile);

let directory: string;
let setup: UnitLogSetup;
let log: UnitLog;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-'));
  setup = {
    sys: createLinuxSys(),
    fifoDir: join(directory, 'fifos'),
    fileDir: join(directory, 'files'),
    nowMs: () => performance.now(),
  };
  log = UnitLog.open(setup);
});

afterEach(() => {
  log.close();
  rmSync(directory, { recursive: true });
});

async function runShell(script: string): Promise<void> {
  const fds = await log.openOutputs();
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', fds.stdout, fds.stderr] });
  closeOutputs(fds);
  await once(child, 'exit');
}

/** The first `count` lines, as they come. */
function lines(count: number): Promise<LogLine[]> {
  return new Promise((resolve) => {
    const seen = log.ring.recent(count);
    if (seen.length >= count) resolve(seen);
    const unfollow = log.ring.follow((line) => {
      seen.push(line);
      if (seen.length < count) return;
      unfollow();
      resolve(seen);
    });
  });
}

/** What a log file says, without the times. */
function fileText(name: string): string {
  return readFileSync(join(directory, 'files', name), 'utf8').replaceAll(TIME, '');
}

/** PID 1 dies and is executed again; `change` is what the next image or test wants differently. */
function executeAgain(change: Partial<UnitLogSetup> = {}): void {
  log.close();
  log = UnitLog.open({ ...setup, ...change });
}

it('UnitLog hears both streams of a child, with which was which', async () => {
  await runShell('echo out; echo err >&2');
  const seen = await lines(2);
  expect(seen.map(({ stream, text }) => `${stream} ${text}`).toSorted()).toEqual([
    'stderr err',
    'stdout out',
  ]);
});

it('UnitLog lets a child open /dev/stdout again, as programs in containers do', async () => {
  await runShell('echo again > /proc/self/fd/1');
  expect((await lines(1))[0]?.text).toBe('again');
});

it('UnitLog goes on after its writers have gone', async () => {
  await runShell('echo first');
  await lines(1);
  await runShell('echo second');
  expect((await lines(2)).map(({ text }) => text)).toEqual(['first', 'second']);
});

it('UnitLog.flush() ends the line that a dead child left unfinished', async () => {
  await runShell('echo whole; printf unfinished');
  await log.flush();
  expect(log.ring.recent(2).map(({ text }) => text)).toEqual(['whole', 'unfinished']);
});

describe('the files of UnitLog', () => {
  it('have each line with its time, one file for each stream that has said something', async () => {
    await runShell('echo one; echo two');
    await lines(2);
    expect(fileText('stdout.log')).toBe('one\ntwo\n');
    expect(existsSync(join(directory, 'files/stderr.log'))).toBe(false);
  });

  it('are rotated by size and count', async () => {
    executeAgain({ rotation: { maxFileBytes: 1000, maxFiles: 2 } });
    // One by one: what comes in one read is written as one.
    for (let i = 1; i <= 100; i += 1) {
      await runShell(`echo line ${i}`);
      await expect.poll(() => log.ring.recent(1)[0]?.text).toBe(`line ${i}`);
    }
    const [newer, older] = [fileText('stdout.log'), fileText('stdout.log.1')];
    expect(newer.endsWith('line 100\n')).toBe(true);
    expect(older.endsWith(`line ${Number(/^line (\d+)/.exec(newer)?.[1]) - 1}\n`)).toBe(true);
    expect(older.split('\n').length).toBeLessThan(40);
    expect(existsSync(join(directory, 'files/stdout.log.2'))).toBe(false);
  });
});

describe('UnitLog of a next generation', () => {
  it('has the lines of the one before, in their order, and those written in between', async () => {
    await runShell('echo one');
    await lines(1);
    await runShell('echo two >&2');
    await lines(2);
    const fds = await log.openOutputs();
    log.close();
    const child = spawn('echo', ['three'], { stdio: ['ignore', fds.stdout, fds.stderr] });
    await once(child, 'exit');
    log = UnitLog.open(setup);
    closeOutputs(fds);
    const seen = await lines(3);
    expect(seen.map(({ stream, text }) => `${stream} ${text}`)).toEqual([
      'stdout one',
      'stderr two',
      'stdout three',
    ]);
    expect(seen.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(Math.abs((seen[0]?.atMs ?? 0) - performance.now())).toBeLessThan(60_000);
    expect(fileText('stdout.log')).toBe('one\nthree\n');
  });
});

describe('UnitLog above its rate', () => {
  const rate = { lines: 10, intervalMs: 200 };

  it('keeps the first lines of the window and says how many it dropped', async () => {
    executeAgain({ rate });
    await runShell('for i in $(seq 1 1000); do echo $i; done');
    const seen = await lines(11);
    expect(seen.slice(0, 10).map(({ text }) => text)).toEqual(
      Array.from({ length: 10 }, (_, index) => String(index + 1)),
    );
    // The window may have ended while the child was writing; what was dropped then is in a second line.
    expect(seen[10]?.stream).toBe('stderr');
    expect(seen[10]?.text).toMatch(/^\d+ lines dropped: above 10 in 0\.2 s$/);
  });

  it('goes on in the next window', async () => {
    executeAgain({ rate });
    await runShell('seq 1 1000');
    expect((await lines(11))[10]?.text).toBe('990 lines dropped: above 10 in 0.2 s');
    await runShell('echo calm again');
    expect((await lines(12))[11]?.text).toBe('calm again');
    expect(fileText('stderr.log')).toBe('990 lines dropped: above 10 in 0.2 s\n');
  });
});

describe('UnitLog with a socket for /dev/log', () => {
  const path = (): string => join(directory, 'dev-log', 'unit');

  /** util-linux's logger, as a program in a container would. Waits for us to read when the socket is full. */
  async function logger(...args: readonly string[]): Promise<void> {
    await execute('logger', ['--socket', path(), ...args], { timeout: 20_000 });
  }

  it('keeps what is written there, with how grave it is, beside what goes to the outputs', async () => {
    executeAgain({ devLogPath: path() });
    expect(statSync(path()).mode & 0o777).toBe(0o666);
    await logger('--tag', 'cron', '--priority', 'cron.warning', 'job failed');
    await logger('--rfc5424', '--tag', 'app', '--priority', 'local0.debug', '--', 'of RFC 5424');
    await logger('--tag', 'app', '--priority', 'user.notice', '');
    await lines(2);
    await runShell('echo out');
    const seen = await lines(3);
    expect(seen).toMatchObject([
      { seq: 1, stream: 'syslog', text: 'cron: job failed', priority: 76 },
      { seq: 2, stream: 'syslog', text: 'app: of RFC 5424', priority: 135 },
      { seq: 3, stream: 'stdout', text: 'out' },
    ]);
    expect(fileText('syslog.log')).toBe(
      'cron.warning cron: job failed\nlocal0.debug app: of RFC 5424\n',
    );
  });

  it('has the lines again in a next generation', async () => {
    executeAgain({ devLogPath: path() });
    await runShell('echo one');
    await lines(1);
    await logger('--tag', 'a', '--priority', 'auth.crit', 'two');
    const before = await lines(2);
    executeAgain({ devLogPath: path() });
    const after = await lines(2);
    const shown = ({ seq, stream, text, priority }: LogLine): unknown => [
      seq,
      stream,
      text,
      priority,
    ];
    expect(after.map(shown)).toEqual(before.map(shown));
    expect(after[1]).toMatchObject({ priority: 34 });
  });

  it('counts what is above the rate, all ways to write together', async () => {
    executeAgain({ devLogPath: path(), rate: { lines: 10, intervalMs: 400 } });
    const many = Array.from({ length: 300 }, (_, index) => `message ${index}\n`).join('');
    const file = join(directory, 'many');
    writeFileSync(file, many);
    await logger('--tag', 'flood', '--file', file);
    const seen = await lines(11);
    expect(seen.slice(0, 10).map(({ text }) => text)).toEqual(
      Array.from({ length: 10 }, (_, index) => `flood: message ${index}`),
    );
    expect(seen[10]).toMatchObject({ stream: 'stderr' });
    expect(seen[10]?.text).toMatch(/^\d+ lines dropped: above 10 in 0\.4 s$/);
  });

  it('is not harmed by any datagram', async () => {
    executeAgain({ devLogPath: path(), rate: 'unlimited' });
    const hostile = `import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect('${path()}')
for message in [b'', b'\\0' * 9, b'<', b'<999>x', b'\\xff\\xfe<13>', b'<13>1 - - - - - [', b'x' * 16000,
                b'<13>t: a\\nb', bytes(range(256)), b'<14>end: of it']:
    s.send(message)
`;
    await execute('python3', ['-c', hostile], { timeout: 20_000 });
    await expect.poll(() => log.ring.recent(1)[0]?.text).toBe('end: of it');
    const kept = log.ring.recent(100);
    expect(kept.map(({ text }) => text)).toContain('t: b');
    expect(kept.every(({ text }) => !text.includes('\n') && text.length <= 8192)).toBe(true);
  });
});
