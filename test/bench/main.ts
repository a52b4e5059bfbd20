/**
 * `npm run bench`: our image of examples/redis.yml against a machine that busybox and a shell script
 * boot, in turn, one at a time, on the same emulated hardware. It measures; it judges only in the
 * table of targets, and its exit code says whether it could measure, not whether they are reached.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readCount } from '../../build/cli/parse-options.ts';
import { startProgress } from '../../build/cli/progress.ts';
import { bootMachine, type BootRequest, observeMachine } from './boot-machine.ts';
import type { Boot, Results } from './figures.ts';
import { buildImages, DIR, NAMES, timeWarmBuilds } from './images.ts';
import { inspectBusybox } from './inspect-busybox.ts';
import { inspectIshmael } from './inspect-ishmael.ts';
import { inspectObserved } from './inspect-observed.ts';
import { implausible } from './plausible.ts';
import { renderResults } from './report.ts';

const ATTEMPTS = 3;

const progress = startProgress();
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, json: { type: 'string' } },
});
const rounds = readCount('--rounds', values.rounds, 1);
const results = await measure();
process.stdout.write(`\n${renderResults(results)}`);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
}

async function measure(): Promise<Results> {
  const images = await buildImages(progress);
  progress('timing builds that have nothing to do');
  const warmBuildMs = await timeWarmBuilds(rounds);
  const ishmael: Boot[] = [];
  const busybox: Boot[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    ishmael.push(await boot('ishmael', round, inspectIshmael));
    busybox.push(await boot('busybox', round, inspectBusybox));
  }
  progress('observing the memory of our own processes');
  const ownProcesses = await observeMachine(request(NAMES.observed, ''), inspectObserved);
  return { rounds, ishmael, busybox, images, warmBuildMs, ownProcesses };
}

async function boot(
  which: 'ishmael' | 'busybox',
  round: number,
  inspect: Parameters<typeof bootMachine>[1],
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
