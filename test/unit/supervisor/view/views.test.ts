import { describe, expect, test } from 'vitest';
import { crashLines, eventLines, logLines } from '../../../../supervisor/view/event-view.ts';
import { printable } from '../../../../supervisor/view/printable.ts';
import { machineLine, statusLines, unitLines } from '../../../../supervisor/view/status-view.ts';
import { summarize } from '../../../../supervisor/view/summary-view.ts';
import { durationText } from '../../../../supervisor/view/time-text.ts';
import type { MachineInfo, UnitStatus } from '../../../../supervisor/control/api.ts';

const REDIS: UnitStatus = {
  id: 'redis',
  name: 'redis',
  kind: 'service',
  image: 'ishmael/redis',
  state: 'running',
  reason: 'runs',
  sinceMs: 5_000,
  pid: 87,
  restarts: 0,
};
const BROKEN: UnitStatus = {
  id: 'web',
  name: 'web',
  kind: 'service',
  image: 'example/web',
  state: 'backoff',
  reason:
    'not started: runc create failed: unable to start container process: exec: "/bin/nothere": stat /bin/nothere: no such file or directory; again in 3 s',
  sinceMs: 64_000,
  restarts: 12,
};
const MACHINE: MachineInfo = {
  image: 'example',
  hostname: 'box',
  kernel: '6.12.9',
  architecture: 'amd64',
  uptimeMs: 65_000,
  generation: 0,
  phase: 'services',
  load: { one: 0.5, five: 0.25, fifteen: 0, runnable: 1, threads: 90 },
  memory: { totalKiB: 1, availableKiB: 1 },
  init: { rssAnonKiB: 1, rssFileKiB: 1, threads: 3, netNamespace: 'net:[1]' },
  processes: { total: 1, zombies: 0, orphansReaped: 0 },
};

test('crashLines() ends with what a person asks first, and lets the text do nothing', () => {
  const crash = {
    kind: 'panic',
    summary: 'no\x1b[2J sea',
    lines: ['[    5.0] a\x07', '[    5.1] b'],
    files: ['/run/log/pstore/dmesg-erst-1'],
  } as const;
  expect(crashLines(crash)).toEqual([
    '[    5.0] a^G',
    '[    5.1] b',
    '',
    "the machine's last run ended in a kernel panic: no^[[2J sea",
    '/run/log/pstore/dmesg-erst-1',
  ]);
});

describe('statusLines()', () => {
  test('aligns the columns and wraps a long reason below its unit, losing none of it', () => {
    expect(statusLines([REDIS, BROKEN], 65_000, 80)).toEqual([
      'NAME   KIND     STATE    PID  RESTARTS  SINCE  REASON',
      'redis  service  running  87   0         1m 0s  runs',
      'web    service  backoff  -    12        1s',
      '    not started: runc create failed: unable to start container process: exec:',
      '    "/bin/nothere": stat /bin/nothere: no such file or directory; again in 3 s',
    ]);
  });

  test('wraps nothing when nobody looks', () => {
    expect(statusLines([BROKEN], 65_000, Number.POSITIVE_INFINITY)).toHaveLength(2);
  });

  test('lets a reason neither move the cursor nor break the table', () => {
    const evil = { ...REDIS, reason: 'a\x1b[2J\nb' };
    expect(statusLines([evil], 65_000, 80)[1]).toMatch(/ a\^\[\[2J b$/);
  });
});

describe('unitLines()', () => {
  test('tells how the unit ended last', () => {
    const unit: UnitStatus = {
      ...BROKEN,
      lastExit: { atMs: 64_000, kind: 'exited', code: 3, text: 'exit code 3' },
    };
    const lines = unitLines(unit, 65_000, 80);
    expect(lines).toContain('last exit  exit code 3 at [   64.000]');
    expect(lines).toContain('state      backoff for 1s');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('machineLine()', () => {
  test('says for how long, and what memory goes to', () => {
    const memory = { totalKiB: 474_576, availableKiB: 266_856 };
    const init = { ...MACHINE.init, rssAnonKiB: 12_068 };
    expect(machineLine({ ...MACHINE, memory, init })).toBe(
      'up 1m 5s, 203 of 463 MiB of memory used, 12 of them by PID 1',
    );
  });
});

describe('summarize()', () => {
  test('names what runs, explains what does not, and splits the time', () => {
    const own = { ...REDIS, kind: 'system' as const };
    const bridge = { ...own, name: 'host-bridge', state: 'waiting' as const, reason: 'waits' };
    const units = [REDIS, { ...own, name: 'console ttyS0' }, bridge, BROKEN];
    const boot = {
      phases: [
        {
          name: 'mounts',
          steps: [
            { name: 'bpf', startMs: 0, endMs: 1, outcome: 'failed' as const, detail: 'ENODEV' },
            { name: 'proc', startMs: 0, endMs: 1, outcome: 'ok' as const },
          ],
        },
      ],
      milestones: { exec: 2_000, script: 2_600, mounts: 2_700, services: 2_800, settled: 5_250 },
    };
    const { lines, isFine } = summarize(MACHINE, units, boot, 80);
    expect(isFine).toBe(false);
    expect(lines).toContain('example on box, Linux 6.12.9');
    expect(lines.join('\n')).toContain('booted in 5.250 s: kernel 2.000 s, start of PID 1 0.600 s');
    expect(lines).toContain('  running: redis');
    expect(lines.join('\n')).toContain('backoff: web: not started');
    expect(lines).toContain('  boot step bpf failed: ENODEV');
    expect(lines.join('\n')).not.toContain('host-bridge');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });
});

test('summarize() knows when there is nothing to worry about', () => {
  const boot = { phases: [], milestones: { settled: 5_000 } };
  const stopped: UnitStatus = { ...REDIS, state: 'stopped' };
  expect(summarize(MACHINE, [REDIS, stopped], boot, 80).isFine).toBe(true);
  expect(summarize(MACHINE, [REDIS, BROKEN], boot, 80).isFine).toBe(false);
});

describe('eventLines()', () => {
  test('puts the time, the unit and the weight before the text, further lines below it', () => {
    const entry = {
      seq: 1,
      atMs: 12_345,
      unit: 'redis',
      severity: 'error' as const,
      text: 'a\nb\n',
    };
    expect(eventLines(entry)).toEqual(['[   12.345] redis: error: a', '            b']);
    expect(eventLines({ ...entry, severity: 'info', text: 'running (pid 87)' })).toEqual([
      '[   12.345] redis: running (pid 87)',
    ]);
  });
});

describe('printable()', () => {
  test('leaves no control character, C1 included, and keeps all other text', () => {
    expect(printable('é\t\x07\x1b]0;x\x9b1m\x7f🐋')).toBe('é    ^G^[]0;x\\x9b1m^?🐋');
  });
});

describe('durationText()', () => {
  test.each([
    [-5, '0s'],
    [999, '0s'],
    [59_000, '59s'],
    [192_000, '3m 12s'],
    [3_600_000, '1h 0m'],
    [200_000_000, '2d 7h'],
  ])('%i ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

test('logLines() marks stderr, and what calls itself a warning or worse', () => {
  const line = { seq: 1, atMs: 12_345, text: 'ahoy\x1b[2J' };
  expect(logLines({ ...line, stream: 'stdout' })).toEqual(['[   12.345] ahoy^[[2J']);
  expect(logLines({ ...line, stream: 'stderr' })).toEqual(['[   12.345]!ahoy^[[2J']);
  expect(logLines({ ...line, stream: 'kernel', priority: 4 })).toEqual(['[   12.345]!ahoy^[[2J']);
  expect(logLines({ ...line, stream: 'kernel', priority: 5 })).toEqual(['[   12.345] ahoy^[[2J']);
  expect(logLines({ ...line, stream: 'syslog', priority: 27 })).toEqual(['[   12.345]!ahoy^[[2J']);
});
