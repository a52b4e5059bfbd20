/** `ishmael top` and `ishmael stats` against a guest whose counters the test decides. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MachineInfo } from '../../supervisor/control/api.ts';
import type { CpuInfo } from '../../supervisor/control/api-machine.ts';
import type { UnitUsage, UsageSummary } from '../../supervisor/control/api-usage.ts';
import { type FakeMachine, respond, runFakeMachine, runningUnit } from './command-support.ts';

const ISHMAEL = resolve(import.meta.dirname, '../../build/ishmael.sh');
const MIB = 1024 * 1024;

const WEB = runningUnit('web');
const WEB_USAGE: UnitUsage = {
  id: 'web',
  atMs: 20_000,
  cpu: { usageUs: 2_500_000, userUs: 2_000_000, systemUs: 500_000, throttledUs: 1_250_000 },
  memory: {
    currentBytes: 12 * MIB,
    peakBytes: 20 * MIB,
    limitBytes: 64 * MIB,
    anonymousBytes: 1,
    fileBytes: 2,
    shmemBytes: 0,
    kernelBytes: 0,
    events: { low: 0, high: 0, max: 0, oom: 0, oomKill: 0 },
  },
  io: [
    { device: '254:0', readBytes: MIB, writtenBytes: 512, reads: 1, writes: 1 },
    { device: '254:16', readBytes: 2 * MIB, writtenBytes: 512, reads: 1, writes: 1 },
  ],
  pids: { current: 3, limit: 100 },
  pressure: { memory: { some: { avg10: 0, avg60: 0, avg300: 0, totalUs: 40_000 } } },
};

/** A second passes with each look, of which the service has the half. */
let looks: number;
let machine: FakeMachine;

function answer(path: string): unknown {
  switch (path) {
    case '/v1/machine':
      looks += 1;
      return { uptimeMs: 20_000 + 1_000 * looks } satisfies Partial<MachineInfo>;
    case '/v1/services':
      return [
        WEB,
        { ...WEB, id: 'db', name: 'db' },
        { ...WEB, id: 'console-ttyS0', name: 'console-ttyS0', kind: 'system' },
      ];
    case '/v1/usage':
      return [
        { id: 'web', cpuUs: 500_000 * looks, memoryBytes: 12 * MIB, pids: 3 },
      ] satisfies readonly UsageSummary[];
    case '/v1/cpu':
      return {
        load: { one: 0.1, five: 0.2, fifteen: 0.3, runnable: 1, threads: 50 },
        total: times(500 * looks),
        cpus: [{ cpu: 0, ...times(500 * looks) }],
      } satisfies Partial<CpuInfo>;
    case '/v1/memory':
      return { totalKiB: 474_112, availableKiB: 266_240 };
    case '/v1/services/web/usage':
      return WEB_USAGE;
    default:
      return undefined;
  }
}

function times(ms: number): CpuInfo['total'] {
  const none = { niceMs: 0, systemMs: 0, ioWaitMs: 0, irqMs: 0, softIrqMs: 0, stealMs: 0 };
  return { userMs: ms, idleMs: ms, ...none };
}

beforeAll(async () => {
  machine = await runFakeMachine((request, response) => {
    const path = request.url ?? '';
    respond(response, path, answer(path));
  });
  return () => machine.end();
});
beforeEach(() => {
  // To find out whether the guest answers is the first.
  looks = -1;
});

describe('stats', () => {
  it('tells what the cgroups have counted of what has one', async () => {
    expect((await machine.output('stats', 'm')).split('\n')).toEqual([
      'SERVICE    CPU  WAITED  MEMORY  PEAK  LIMIT  PROCESSES  READ  WRITTEN  STALLED',
      'web      2.50s   1.25s     12M   20M    64M      3/100  3.0M     1.0K    0.04s',
      '',
    ]);
  });

  it('--json has what the API said, of all or of one', async () => {
    expect(JSON.parse(await machine.output('stats', 'm', '--json'))).toEqual([WEB_USAGE]);
    expect(JSON.parse(await machine.output('stats', 'm', 'web', '--json'))).toEqual(WEB_USAGE);
    expect(await machine.output('stats', 'm', 'db', '--json')).toBe('null\n');
  });

  it('says so where nothing runs, and asks what was meant', async () => {
    expect(await machine.output('stats', 'm', 'db')).toBe('No service runs.\n');
    expect(await machine.ishmael('stats', 'm', 'wbe')).toEqual({
      code: 3,
      stdout: '',
      stderr: 'ishmael: No unit is called "wbe". Did you mean "web"?\n',
    });
  });
});

describe('top', () => {
  it('looks once where nobody watches', async () => {
    const lines = (await machine.output('top', 'm')).split('\n');
    expect(lines.slice(0, 5)).toEqual([
      'up 21s, load 0.1 0.2 0.3, 50 threads',
      '1 processor: user 50%, system 0%, disk 0%, idle 50%',
      'memory: 203M of 463M used',
      '',
      'UNIT           STATE     CPU  MEMORY  PROCESSES  RESTARTS  SINCE',
    ]);
    expect(lines[5]).toMatch(/^web +running +2\.4% +12M +3 +2 +11s$/);
  });

  it('-n looks again, and then has the shares of the time between', async () => {
    const text = await machine.output('top', 'm', '-n', '2');
    expect(text.match(/^web .*$/gm)?.map((line) => line.split(/ +/)[2])).toEqual(['2.4%', '50.0%']);
  });

  it('--json has a look a line', async () => {
    const lines = (await machine.output('top', 'm', '-n', '2', '--json')).trimEnd().split('\n');
    const looked = lines.map((line) => JSON.parse(line) as { atMs: number });
    expect(looked.map(({ atMs }) => atMs)).toEqual([21_000, 22_000]);
  });

  it.each(['0', 'x'])('refuses to look %s times', async (count) => {
    expect(await machine.ishmael('top', 'm', '-n', count)).toMatchObject({ code: 2, stdout: '' });
  });

  it.each([
    ['q', 'q'],
    ['Ctrl-C', '\u{3}'],
  ])('at a terminal has a screen of its own, until %s gives it back', async (_, key) => {
    const command = [
      'stty rows 30 cols 90',
      'stty -g >before',
      `${ISHMAEL} top m`,
      'code=$?',
      'stty -g >after',
      'exit $code',
    ].join('; ');
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: machine.folder,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, SHELL: '/bin/sh', XDG_STATE_HOME: join(machine.folder, 'state') },
    });
    let screen = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      screen += text;
      // The second look: only what has changed is written.
      if (screen.includes('50.0%')) child.stdin.end(key);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    const [before, after] = ['before', 'after'].map((name) =>
      readFileSync(join(machine.folder, name), 'utf8'),
    );
    expect({ code, after }).toEqual({ code: 0, after: before });
    expect(screen.startsWith('\u{1b}[?1049h')).toBe(true);
    expect(screen.match(/processor:/g)).toHaveLength(1);
    expect(screen.endsWith('\u{1b}[?25h\u{1b}[?1049l')).toBe(true);
  });
});
