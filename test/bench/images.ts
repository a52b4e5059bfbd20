/** The images the bench boots, what they weigh, and how long a build takes that has nothing to do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { CHECKOUT } from '../../build/cli/checkout.ts';
import { imageFiles } from '../../build/run/image-files.ts';
import { buildBaseline } from './baseline/baseline-image.ts';
import { withObserver } from './observer.ts';
import type { ImageBytes, Results } from './figures.ts';

const EXAMPLE = join(CHECKOUT, 'examples/redis.yml');
const ISHMAEL = join(CHECKOUT, 'build/main.ts');

export const DIR: string = join(CHECKOUT, 'dist/bench');
export const NAMES = {
  ishmael: 'ishmael',
  busybox: 'busybox',
  withoutRedis: 'without-redis',
  observed: 'observed',
  containerd: 'containerd',
  ctr: 'ctr',
} as const;

export async function buildImages(progress: (line: string) => void): Promise<Results['images']> {
  await mkdir(DIR, { recursive: true });
  await buildBaseline({ file: EXAMPLE, dir: DIR, name: NAMES.busybox, progress });
  // What the redis root filesystem adds is told by the same image without it.
  await buildVariant(NAMES.withoutRedis, (yaml) => withoutService(yaml, 'redis'));
  await buildVariant(NAMES.observed, withObserver);
  // Last, so that nothing is left to do when builds are timed, and what is timed is what is booted.
  await runBuild(EXAMPLE, NAMES.ishmael, 'inherit');
  const { initrd } = await bytesOf(NAMES.withoutRedis);
  return {
    ishmael: await bytesOf(NAMES.ishmael),
    busybox: await bytesOf(NAMES.busybox),
    initrdWithoutRedis: initrd,
  };
}

/** Wall time of `ishmael build` as a process of its own, each time with everything in the cache. */
export async function timeWarmBuilds(times: number): Promise<number[]> {
  const took: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const begin = performance.now();
    await runBuild(EXAMPLE, NAMES.ishmael, 'ignore');
    took.push(performance.now() - begin);
  }
  return took;
}

/** Our image with all services under containerd, and the one in which a script starts them by `ctr`. */
export async function buildContainerdImages(progress: (line: string) => void): Promise<void> {
  await mkdir(DIR, { recursive: true });
  await buildBaseline({
    file: EXAMPLE,
    dir: DIR,
    name: NAMES.ctr,
    engine: 'containerd',
    progress,
  });
  await buildVariant(NAMES.containerd, withContainerd);
  await runBuild(EXAMPLE, NAMES.ishmael, 'inherit');
}

function withContainerd(yaml: string): string {
  const config = parse(yaml) as {
    readonly init: readonly string[];
    readonly services: readonly object[];
  };
  const services = config.services.map((service) => ({ ...service, engine: 'containerd' }));
  return stringify({ ...config, init: [...config.init, 'ishmael/containerd'], services });
}

async function buildVariant(name: string, change: (yaml: string) => string): Promise<void> {
  const file = join(DIR, `${name}.yml`);
  await writeFile(file, change(await readFile(EXAMPLE, 'utf8')));
  await runBuild(file, name, 'inherit');
}

function withoutService(yaml: string, name: string): string {
  const config = parse(yaml) as { readonly services: readonly { readonly name: string }[] };
  const services = config.services.filter((service) => service.name !== name);
  return stringify({ ...config, services });
}

async function runBuild(file: string, name: string, output: 'inherit' | 'ignore'): Promise<void> {
  const args = [ISHMAEL, 'build', file, '--dir', DIR, '--name', name];
  const build = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', output] });
  const [code] = (await once(build, 'close')) as [number | null];
  if (code !== 0) throw new Error(`"ishmael build ${file}" failed (${code}): run it to see why`);
}

async function bytesOf(name: string): Promise<ImageBytes> {
  const { kernel, initrd } = imageFiles(DIR, name);
  return { kernel: (await stat(kernel)).size, initrd: (await stat(initrd)).size };
}
