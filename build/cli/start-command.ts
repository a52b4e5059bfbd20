/** `ishmael start`: what `npm start` is. From a fresh checkout to a machine whose Redis answers. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkMachine } from '../run/check-machine.ts';
import { freePort } from '../run/free-port.ts';
import { HOW_TO_LEAVE, runInteractively } from '../run/run-interactively.ts';
import { startMachine } from '../run/start-machine.ts';
import { buildImage } from './build-image.ts';
import { CHECKOUT } from './checkout.ts';
import type { Command } from './command.ts';
import { noPositionals, parseOptions, readAccel } from './parse-options.ts';
import { startProgress } from './progress.ts';

const REDIS_PORT = 6379;
/** Of the whole check after the build: under emulation a boot takes ten to twenty seconds. */
const CHECK_LIMIT_MS = 180_000;

export const startCommand: Command = {
  name: 'start',
  summary: 'build the Redis example, run it and show its console',
  usage: `Usage: ishmael start [--check] [--accel kvm|tcg|auto]

Builds examples/redis.yml into dist/, boots it and leaves you on its serial console.

  --check        without a person: wait until Redis answers PING, print the boot report, power off
  --accel WHICH  as for "ishmael run"

Example:
  ishmael start --check
`,
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      check: { type: 'boolean', default: false },
      accel: { type: 'string', default: 'auto' },
    });
    noPositionals(positionals);
    const accel = readAccel(values.accel);
    const progress = startProgress();
    const dir = join(CHECKOUT, 'dist');
    await mkdir(dir, { recursive: true });
    await buildImage({
      file: join(CHECKOUT, 'examples/redis.yml'),
      dir,
      name: 'redis',
      components: true,
      compression: 'best',
      progress,
    });

    const host = await freePort(REDIS_PORT);
    if (host !== REDIS_PORT) progress(`port ${REDIS_PORT} is taken here: Redis gets ${host}`);
    const request = {
      dir,
      name: 'redis',
      accel,
      consoleLog: join(dir, 'redis-console.log'),
      memoryMiB: 512,
      cpus: 2,
      network: true,
      publish: [{ host, guest: REDIS_PORT }],
      rebootEnds: values.check,
      ...(values.check ? { timeLimitMs: CHECK_LIMIT_MS } : {}),
    };
    const vm = await startMachine(request, progress);
    if (values.check) return checkMachine(vm, host, progress);
    progress(`Redis is at 127.0.0.1:${host} (redis-cli -p ${host} ping); ${HOW_TO_LEAVE}`);
    return runInteractively(vm, progress);
  },
};
