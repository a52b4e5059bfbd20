/**
 * How long a service that is killed is away, against the time that the runtime's `create` and `start` take
 * when a shell on the same machine calls them: one of ours, one by hand, and so on, so that both see the
 * same processor.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Measurement, Outcome } from '../measurement.ts';
import { fewServices, type RuntimeName, VICTIMS } from '../service-images.ts';
import { type ServiceMachine, withServiceMachine } from '../service-machine.ts';
import { medianOf, renderSpread, spreadOf } from '../statistics.ts';
import { handScript, killScript, readTimes } from './scripts.ts';
import { restartStages, STAGES } from './stages.ts';

/** Each victim twice; between its deaths lies more than the ten seconds after which the delay is 100 ms. */
const PAIRS = 2 * VICTIMS;
const DELAY_MS = 100;
const RATIO = 1.2;
const RUNS_WELL_MS = 11_000;
const IDS = Array.from({ length: VICTIMS }, (_, index) => `v${index}`);

export interface RestartFigures {
  /** From the kill until the next process tells that it runs. */
  readonly oursMs: readonly number[];
  /** Until `start` has returned. */
  readonly handMs: readonly number[];
  readonly handCreateMs: readonly number[];
  /** Until the process tells that it runs, as above. */
  readonly handRunningMs: readonly number[];
  /** In the order of STAGES. */
  readonly stagesMs: readonly (readonly number[])[];
}

export function restarts(runtime: RuntimeName): Measurement {
  return {
    name: `restart-${runtime}`,
    about: `a service killed and started again, against ${runtime} by hand`,
    measure: async () => restartOutcome(runtime, await measureRestarts(runtime)),
  };
}

async function measureRestarts(runtime: RuntimeName): Promise<RestartFigures> {
  return withServiceMachine(`restart-${runtime}`, fewServices(runtime), async (guest) => {
    await delay(RUNS_WELL_MS);
    return measurePairs(runtime, guest);
  });
}

async function measurePairs(runtime: RuntimeName, guest: ServiceMachine): Promise<RestartFigures> {
  const { shell } = guest;
  const ours: number[] = [];
  const hand: Record<'begin' | 'created' | 'started' | 'running', number>[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const id = `v${pair % VICTIMS}`;
    const { killed, running } = readTimes(await shell(killScript(id)), ['killed', 'running']);
    if (running < killed) throw new Error(`${id} was not started again in time`);
    ours.push(running - killed);
    const answer = await shell(handScript(runtime, id), 60_000);
    hand.push(readTimes(answer, ['begin', 'created', 'started', 'running']));
  }
  const stagesMs = restartStages(await shell('cat /run/log/events.jsonl'), IDS);
  return {
    oursMs: ours,
    handMs: hand.map(({ begin, started }) => started - begin),
    handCreateMs: hand.map(({ begin, created }) => created - begin),
    handRunningMs: hand.map(({ begin, running }) => running - begin),
    stagesMs,
  };
}

export function restartOutcome(runtime: RuntimeName, figures: RestartFigures): Outcome {
  const { oursMs, handMs, handCreateMs, handRunningMs, stagesMs } = figures;
  // To the same end: the process runs, which it tells a little after `start` has returned.
  const [ours, hand] = [medianOf(oursMs), medianOf(handRunningMs)];
  const limit = RATIO * hand + DELAY_MS;
  const row = (label: string, values: readonly number[]): string[] => [
    label,
    renderSpread(spreadOf(values), 0),
  ];
  const stages = STAGES.map(([label], index) =>
    row(
      `  of that, ${label}`,
      stagesMs.flatMap((restart) => restart[index] ?? []),
    ),
  );
  return {
    tables: [
      {
        title: `${oursMs.length} restarts under ${runtime}, ours and by hand in turn, ms: median (least–most)`,
        rows: [
          ['', 'ms'],
          row('ours: killed → its next process runs', oursMs),
          ...stages,
          row('by hand: create and start', handMs),
          row('  of that, create', handCreateMs),
          row('by hand: create → its process runs', handRunningMs),
        ],
      },
    ],
    targets: [
      {
        what: `service killed → running again, ${runtime}`,
        limit: `≤ ${RATIO} × by hand + ${DELAY_MS} ms`,
        is: `${((ours - DELAY_MS) / hand).toFixed(2)} × + ${DELAY_MS} ms`,
        reached: ours <= limit,
      },
    ],
    figures,
  };
}
