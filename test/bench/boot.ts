/**
 * Our image of examples/redis.yml against a machine that busybox and a shell script boot, in turn, one at a
 * time, on the same emulated hardware.
 */
import { join } from 'node:path';
import { bootMachine, type BootRequest, observeMachine } from './boot-machine.ts';
import type { Boot, Results } from './figures.ts';
import { buildImages, DIR, NAMES, timeWarmBuilds } from './images.ts';
import { inspectBusybox } from './inspect-busybox.ts';
import { inspectIshmael } from './inspect-ishmael.ts';
import { inspectObserved } from './inspect-observed.ts';
import type { BenchContext, Measurement } from './measurement.ts';
import { implausible } from './plausible.ts';
import { bootOutcome } from './report.ts';

const ATTEMPTS = 3;

export const boots: Measurement = {
  name: 'boot',
  about: 'boot, memory and sizes against a machine with busybox as init',
  measure: async (context) => bootOutcome(await measure(context)),
};

async function measure(context: BenchContext): Promise<Results> {
  const { rounds, progress } = context;
  const images = await buildImages(progress);
  progress('timing builds that have nothing to do');
  const warmBuildMs = await timeWarmBuilds(rounds);
  const ishmael: Boot[] = [];
  const busybox: Boot[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    ishmael.push(await boot({ which: 'ishmael', round, inspect: inspectIshmael }, context));
    busybox.push(await boot({ which: 'busybox', round, inspect: inspectBusybox }, context));
  }
  progress('observing the memory of our own processes');
  const ownProcesses = await observeMachine(request(NAMES.observed, ''), inspectObserved);
  return { rounds, ishmael, busybox, images, warmBuildMs, ownProcesses };
}

interface Round {
  readonly which: 'ishmael' | 'busybox';
  readonly round: number;
  readonly inspect: Parameters<typeof bootMachine>[1];
}

async function boot(
  { which, round, inspect }: Round,
  { rounds, progress }: BenchContext,
): Promise<Boot> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const measured = await bootMachine(request(NAMES[which], `-${round}`), inspect);
    const answered = Math.round(measured.sinceInit.pong);
    progress(`round ${round} of ${rounds}, ${which}: /init → Redis answers in ${answered} ms`);
    const wrong = implausible(measured);
    if (wrong === undefined) return measured;
    progress(`the host was too busy to measure that (${wrong}): once more`);
  }
  throw new Error('The host is too busy to measure anything');
}

function request(name: string, suffix: string): BootRequest {
  return { dir: DIR, name, consoleLog: join(DIR, `${name}${suffix}.log`) };
}
