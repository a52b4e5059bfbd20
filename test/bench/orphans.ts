/** Ten thousand orphans for PID 1 to collect, and how late its event loop is meanwhile. */
import type { LoopDelay, MachineInfo } from '../../supervisor/control/api.ts';
import type { Measurement, Outcome } from './measurement.ts';
import { noServices } from './service-images.ts';
import { type ServiceMachine, withServiceMachine } from './service-machine.ts';
import { atLeast, atMost } from './target.ts';

const ORPHANS = 10_000;
/** Two loops, each forking subshells that leave ten children behind. */
const LOOP = `i=0; while [ $i -lt ${ORPHANS / 20} ]; do (:&:&:&:&:&:&:&:&:&:&); i=$((i+1)); done`;
const STORM = `(${LOOP}) & (${LOOP}) & wait`;
const STORM_LIMIT_MS = 500_000;

export interface OrphanFigures {
  readonly reaped: number;
  readonly zombies: number;
  readonly tookMs: number;
  /** From the beginning of the storm to its end. */
  readonly loop: LoopDelay;
}

export const orphans: Measurement = {
  name: 'orphans',
  about: `${ORPHANS} orphans, and how late the event loop is`,
  measure: async () =>
    orphansOutcome(await withServiceMachine('orphans', noServices(), measureStorm)),
};

async function measureStorm({ machine, shell }: ServiceMachine): Promise<OrphanFigures> {
  const before = await machine.get<MachineInfo>('/v1/machine');
  const left = new AbortController();
  let loop: LoopDelay | undefined;
  const following = machine.follow<LoopDelay>(
    '/v1/event-loop',
    (delay) => (loop = delay),
    left.signal,
  );
  const begin = performance.now();
  await shell(STORM, STORM_LIMIT_MS);
  const tookMs = performance.now() - begin;
  const seen = loop;
  left.abort();
  await following;
  const after = await machine.waitFor('the last zombie to go', async () => {
    const info = await machine.get<MachineInfo>('/v1/machine');
    return info.processes.zombies === 0 ? info : undefined;
  });
  if (seen === undefined) throw new Error('The machine does not tell how late its event loop is');
  return {
    reaped: after.processes.orphansReaped - before.processes.orphansReaped,
    zombies: after.processes.zombies,
    tookMs,
    loop: seen,
  };
}

export function orphansOutcome(figures: OrphanFigures): Outcome {
  const { reaped, zombies, tookMs, loop } = figures;
  return {
    tables: [
      {
        title: `${ORPHANS} orphans`,
        rows: [
          ['', ''],
          ['collected', String(reaped)],
          ['took, s', (tookMs / 1000).toFixed(1)],
          ['event loop late, p50, ms', loop.p50Ms.toFixed(1)],
          ['event loop late, p99, ms', loop.p99Ms.toFixed(1)],
          ['event loop late, at most, ms', loop.maxMs.toFixed(1)],
        ],
      },
    ],
    targets: [
      atLeast('orphans collected', reaped, { limit: ORPHANS, unit: '' }),
      atMost('zombies left', zombies, { limit: 0, unit: '' }),
      atMost('event loop late by, p99', loop.p99Ms, { limit: 120, unit: 'ms' }),
    ],
    figures,
  };
}
