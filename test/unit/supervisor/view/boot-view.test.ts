import { describe, expect, test } from 'vitest';
import { bootLines } from '../../../../supervisor/view/boot-view.ts';
import type { BootReport } from '../../../../supervisor/control/api.ts';
import { unitStatus } from '../../../support/unit-status.ts';

const BOOT: BootReport = {
  phases: [
    {
      name: 'mounts',
      steps: [
        { name: '/proc', startMs: 5_000, endMs: 5_010, outcome: 'ok' },
        { name: '/run', startMs: 5_010, endMs: 5_500, outcome: 'ok' },
        { name: 'bpf', startMs: 5_500, endMs: 5_501, outcome: 'failed', detail: 'ENODEV\x1b[2J' },
      ],
    },
    {
      name: 'devices',
      steps: [{ name: 'coldplug', startMs: 5_501, endMs: 7_501, outcome: 'ok' }],
    },
  ],
  milestones: { exec: 4_000, script: 5_000, mounts: 5_501, services: 7_600, settled: 10_000 },
};
const UNITS = [
  unitStatus('redis', { sinceMs: 9_900 }),
  unitStatus('web', { sinceMs: 8_000 }),
  unitStatus('flaky', { restarts: 3, state: 'backoff' }),
  unitStatus('late', { state: 'waiting' }),
  unitStatus('000-net', {
    kind: 'onboot',
    state: 'finished',
    lastExit: { atMs: 7_590, kind: 'exited', code: 0, text: 'exit code 0' },
  }),
  unitStatus('console-ttyS0', { kind: 'system' }),
];

describe('bootLines()', () => {
  test('draws what took its time, when services were up, and what came one after another', () => {
    expect(bootLines(BOOT, UNITS, { width: 80, all: false })).toEqual([
      'NAME                        FROM     TOOK  0 s                         10.000 s',
      'kernel                     0.000    4.000  ##############',
      'start of PID 1             4.000    1.000                ####',
      'mounts                     5.000    0.501                    #',
      '      1 shorter step',
      '  /run                     5.010    0.490                    #',
      '  bpf                      5.500    0.001                     #',
      '      failed: ENODEV^[[2J',
      'devices                    5.501    2.000                     ########',
      '  coldplug                 5.501    2.000                     ########',
      '000-net                    7.590                                      *',
      'web                        8.000                                       *',
      'redis                      9.900                                              *',
      'flaky                     10.000                                              *',
      '      started again 3 times',
      'late                      10.000                                              *',
      '      waiting',
      'What it waited for, one after another:',
      '  +   4.000  kernel',
      '  +   1.000  start of PID 1',
      '  +   0.501  mounts',
      '  +   2.000  devices',
      '  +   0.089  onboot task 000-net',
      '  +   2.310  redis, the last service to be up',
    ]);
  });

  test('shows each step when all are wanted, in any width', () => {
    for (const width of [40, 80, 200, Number.POSITIVE_INFINITY]) {
      const lines = bootLines(BOOT, UNITS, { width, all: true });
      expect(lines.join('\n')).toContain('  /proc ');
      expect(lines.join('\n')).not.toContain('shorter');
      const widest = Math.max(...lines.map((line) => line.length));
      expect(widest).toBeLessThanOrEqual(Math.max(width, 64));
    }
  });

  test('tells of a boot that is not over', () => {
    const { settled: _, ...milestones } = BOOT.milestones;
    const [head] = bootLines({ ...BOOT, milestones }, [], { width: 80, all: false });
    expect(head).toMatch(/7\.600 s so far$/);
  });

  test('has a word for a machine without a report', () => {
    expect(bootLines({ phases: [], milestones: {} }, [], { width: 80, all: false })).toHaveLength(
      1,
    );
  });
});
