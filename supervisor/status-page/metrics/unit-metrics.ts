/** Ishmael's own metrics: PID 1 and what it supervises. Pure. */
import type { UnitStateName, UnitStatus } from '../../control/api.ts';
import type { UsageSummary } from '../../control/api-usage.ts';
import { type Family, type Labels, single } from './exposition.ts';
import type { MetricFacts } from './metric-facts.ts';

const STATES: readonly UnitStateName[] = [
  'waiting',
  'starting',
  'running',
  'stopping',
  'backoff',
  'finished',
  'failed',
  'stopped',
];

export function unitMetrics({ machine, units, usage }: MetricFacts): Family[] {
  const watched = units.filter(({ kind }) => kind !== 'system');
  const known = new Map(watched.map((unit) => [unit.id, labels(unit)]));
  const used = (
    name: string,
    type: Family['type'],
    help: string,
    of: (each: UsageSummary) => number,
  ): Family => ({
    name,
    type,
    help,
    samples: usage.flatMap((each) => {
      const whose = known.get(each.id);
      return whose === undefined ? [] : [{ labels: whose, value: of(each) }];
    }),
  });
  return [
    {
      name: 'ishmael_unit_state',
      type: 'gauge',
      help: 'One for the state that a service or task is in, else zero.',
      samples: watched.flatMap((unit) =>
        STATES.map((state) => ({
          labels: { ...labels(unit), state },
          value: unit.state === state ? 1 : 0,
        })),
      ),
    },
    {
      name: 'ishmael_unit_healthy',
      type: 'gauge',
      help: 'Whether the health check passes; absent without one.',
      samples: watched
        .filter(({ health }) => health !== undefined && health !== 'none')
        .map((unit) => ({ labels: labels(unit), value: unit.health === 'healthy' ? 1 : 0 })),
    },
    {
      name: 'ishmael_unit_restarts_total',
      type: 'counter',
      help: 'How often it was started again.',
      samples: watched.map((unit) => ({ labels: labels(unit), value: unit.restarts })),
    },
    used(
      'ishmael_unit_cpu_seconds_total',
      'counter',
      'Processor time of its current run.',
      ({ cpuUs }) => cpuUs / 1_000_000,
    ),
    used(
      'ishmael_unit_memory_bytes',
      'gauge',
      'Memory of all of its processes.',
      ({ memoryBytes }) => memoryBytes,
    ),
    used('ishmael_unit_processes', 'gauge', 'Number of its processes.', ({ pids }) => pids),
    single(
      'gauge',
      'ishmael_init_generation',
      'How often PID 1 was executed again.',
      machine.generation,
    ),
    single(
      'gauge',
      'ishmael_init_resident_anonymous_bytes',
      'Memory of PID 1 itself.',
      machine.init.rssAnonKiB * 1024,
    ),
    single(
      'gauge',
      'ishmael_emergency',
      'Whether PID 1 is in emergency mode.',
      machine.phase === 'emergency' ? 1 : 0,
    ),
    single(
      'counter',
      'ishmael_orphans_reaped_total',
      'Orphaned processes that PID 1 has collected.',
      machine.processes.orphansReaped,
    ),
  ];
}

function labels({ name, kind, id }: UnitStatus): Labels {
  return { unit: id, name, kind };
}
