/**
 * A hundred services that sleep: until they run, against a machine where a shell starts the same containers
 * by `runc run --detach`, as many at once; and what one of them costs in memory beside its process.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Measurement, Outcome } from '../measurement.ts';
import { MANY, manyServices, noServices } from '../service-images.ts';
import { type ServiceMachine, withServiceMachine } from '../service-machine.ts';
import { atMost } from '../target.ts';
import { bootLoop, type LoopFigures } from './loop-machine.ts';
import { type Memory, MEMORY_SCRIPT, parseMemory, PARTS } from './memory.ts';

/** Until what was still starting has come to rest. */
const SETTLE_MS = 10_000;
const RATIO = 1.3;
const LIMIT_KB = 300;

export interface HundredFigures {
  /** From the first line of our program, and from when services may start, until all of them run. */
  readonly bootMs: number;
  readonly startMs: number;
  readonly loop: LoopFigures;
  readonly without: Memory;
  readonly withServices: Memory;
  /** As `without`, but with a hundred of the same processes that no container is around. */
  readonly withProcesses: Memory;
}

export const hundred: Measurement = {
  name: 'hundred',
  about: `${MANY} services that sleep, against a shell loop`,
  measure: async ({ progress }) => {
    const loop = await bootLoop(progress);
    progress(`the shell loop took ${Math.round(loop.startMs)} ms`);
    const { bootMs, startMs, memory } = await withServiceMachine(
      'hundred',
      manyServices(),
      async (guest) => ({ ...startTimes(guest), memory: await settledMemory(guest) }),
    );
    progress(`our machine took ${Math.round(startMs)} ms`);
    const bare = await withServiceMachine('no-services', noServices(), bareMemory);
    return hundredOutcome({ bootMs, startMs, loop, withServices: memory, ...bare });
  },
};

function startTimes({ machine }: ServiceMachine): { bootMs: number; startMs: number } {
  const milestone = (name: string): number => {
    const atMs = machine.boot.milestones[name];
    if (atMs === undefined) throw new Error(`The boot report has no milestone "${name}"`);
    return atMs;
  };
  const settled = milestone('settled');
  return { bootMs: settled - milestone('script'), startMs: settled - milestone('services') };
}

async function settledMemory({ shell }: ServiceMachine): Promise<Memory> {
  await delay(SETTLE_MS);
  return parseMemory(await shell(MEMORY_SCRIPT));
}

async function bareMemory(
  guest: ServiceMachine,
): Promise<Pick<HundredFigures, 'without' | 'withProcesses'>> {
  const without = await settledMemory(guest);
  const one = 'sleep 1000000 </dev/null >/dev/null 2>&1 &';
  await guest.shell(`i=0; while [ $i -lt ${MANY} ]; do ${one} i=$((i + 1)); done`, 60_000);
  return { without, withProcesses: await settledMemory(guest) };
}

export function hundredOutcome(figures: HundredFigures): Outcome {
  const { bootMs, startMs, loop, without, withServices, withProcesses } = figures;
  const perService = (of: (memory: Memory) => number, to: Memory): number =>
    (of(to) - of(without)) / MANY;
  const row = (label: string, of: (memory: Memory) => number): string[] => [
    label,
    perService(of, withServices).toFixed(0),
    perService(of, withProcesses).toFixed(0),
  ];
  const used = (memory: Memory): number => memory.usedKiB;
  const over = perService(used, withServices) - perService(used, withProcesses);
  const ratio = (ours: number, theirs: number): string => (ours / theirs).toFixed(2);
  return {
    tables: [
      {
        title: `${MANY} services that sleep, under runc, ms`,
        rows: [
          ['', 'ishmael', 'shell loop', 'ratio'],
          timeRow('begin → all run', startMs, loop.startMs),
          timeRow('first line of the program → all run', bootMs, loop.bootMs),
        ],
      },
      {
        title: `memory for each of them, KiB`,
        rows: [
          ['', 'as a service', 'as a process'],
          row('all', used),
          row("  PID 1's RssAnon", ({ initKiB }) => initKiB),
          ...PARTS.map((part) => row(`  ${part}`, ({ partsKiB }) => partsKiB[part])),
        ],
      },
    ],
    targets: [
      {
        what: `${MANY} services, begin → all run`,
        limit: `≤ ${RATIO} × shell loop`,
        is: `${ratio(startMs, loop.startMs)} ×`,
        reached: startMs <= RATIO * loop.startMs,
      },
      {
        what: `${MANY} services, program → all run`,
        limit: `≤ ${RATIO} × shell loop`,
        is: `${ratio(bootMs, loop.bootMs)} ×`,
        reached: bootMs <= RATIO * loop.bootMs,
      },
      atMost('memory of a service beside its process', (over * 1024) / 1000, {
        limit: LIMIT_KB,
        unit: 'kB',
      }),
    ],
    figures,
  };
}

function timeRow(label: string, ours: number, theirs: number): string[] {
  return [label, ours.toFixed(0), theirs.toFixed(0), (ours / theirs).toFixed(2)];
}
