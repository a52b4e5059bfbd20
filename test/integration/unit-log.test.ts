import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LogLine } from '../../supervisor/control/api.ts';
import { closeOutputs, UnitLog } from '../../supervisor/log/unit-log.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';

let directory: string;
let log: UnitLog;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'log-'));
  log = UnitLog.open(createLinuxSys(), join(directory, 'unit'), () => 7);
});

afterEach(() => rmSync(directory, { recursive: true }));

async function runShell(script: string): Promise<void> {
  const fds = log.openOutputs();
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
  await lines(1);
  // The rest may still be in the pipe when the first line has come.
  await expect
    .poll(() => {
      log.flush();
      return log.ring.recent(2).map(({ text }) => text);
    })
    .toEqual(['whole', 'unfinished']);
});
