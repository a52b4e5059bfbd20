/** A machine for the tests of the status page. */
import type { UnitStatus } from '../../../../supervisor/control/api.ts';
import type { CpuTimes } from '../../../../supervisor/control/api-machine.ts';
import type { PageFacts } from '../../../../supervisor/status-page/facts.ts';

export const UNIT: UnitStatus = {
  id: 'web',
  name: 'web',
  kind: 'service',
  image: 'example/web',
  state: 'running',
  reason: 'up',
  sinceMs: 1000,
  restarts: 0,
  health: 'healthy',
};

export const IDLE: CpuTimes = {
  userMs: 0,
  niceMs: 0,
  systemMs: 0,
  idleMs: 0,
  ioWaitMs: 0,
  irqMs: 0,
  softIrqMs: 0,
  stealMs: 0,
};

const load = { one: 0.5, five: 0.25, fifteen: 0.1, runnable: 1, threads: 90 };

export function pageFacts(units: readonly UnitStatus[] = [UNIT]): PageFacts {
  return {
    machine: {
      image: 'example',
      hostname: 'whale',
      kernel: '6.12',
      architecture: 'amd64',
      uptimeMs: 61_000,
      generation: 0,
      phase: 'services',
      load,
      memory: { totalKiB: 1000, availableKiB: 750 },
      init: { rssAnonKiB: 13_000, rssFileKiB: 1, threads: 2, netNamespace: 'net:[1]' },
      processes: { total: 30, zombies: 0, orphansReaped: 4 },
    },
    cpu: {
      atMs: 61_000,
      load,
      total: IDLE,
      cpus: [{ cpu: 0, ...IDLE, userMs: 1500 }],
      contextSwitches: 1,
      forks: 2,
      running: 1,
      blocked: 0,
    },
    image: { name: 'example', digest: 'sha256:0123456789abcdef0123', commandLine: 'quiet' },
    boot: {
      phases: [
        {
          name: 'early',
          steps: [
            { name: 'mounts', startMs: 100, endMs: 200, outcome: 'ok' },
            { name: 'clock', startMs: 900, endMs: 1000, outcome: 'failed', detail: 'no RTC' },
          ],
        },
      ],
      milestones: { exec: 50, settled: 2000 },
    },
    units,
    usage: [],
    rows: units.map((unit) => ({ unit })),
    events: [],
    series: { cpu: [], memory: [] },
  };
}
