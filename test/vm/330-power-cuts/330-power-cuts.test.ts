/**
 * The power goes while Redis is written to: each time the machine comes up again by itself, and has every write that it had
 * acknowledged. Three times in every run; `npm run test:power-cuts` does it fifty times.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import { rootPath } from '../../../build/run/image-files.ts';
import { waitForRedis } from '../../../build/run/redis-ping.ts';
import { startMachine } from '../../../build/run/start-machine.ts';
import type { Vm } from '../../../build/run/vm.ts';
import { buildAndStart } from '../../support/vm-machine.ts';

const CUTS = Number(process.env['ISHMAEL_POWER_CUTS'] ?? '3');
const NAME = '330-power-cuts';
const DIR = join(CHECKOUT, 'dist/vm', NAME);
const DATA = join(DIR, 'data.raw');
const ROOT = rootPath(DIR, NAME, 'squashfs');
const REDIS = 6379;
const BOOT_MS = 200_000;
/** The longest that is written before the power goes. */
const WRITING_MS = 5_000;

async function start(): Promise<Vm> {
  return startMachine(
    {
      dir: DIR,
      name: NAME,
      // Not read-only for the emulator: that nothing is written to it is the machine's own doing.
      root: { kind: 'squashfs', disk: { path: ROOT, bus: 'virtio' } },
      disks: [{ path: DATA, bus: 'virtio' }],
      accel: 'tcg',
      consoleLog: join(DIR, 'console.log'),
      memoryMiB: 256,
      cpus: 1,
      network: true,
      publish: [{ host: 0, guest: REDIS }],
      rebootEnds: true,
      timeLimitMs: BOOT_MS + WRITING_MS + 60_000,
    },
    () => {},
  );
}

async function ready(vm: Vm): Promise<Socket> {
  const port = vm.forwards[0]?.host ?? 0;
  expect(await waitForRedis(port, AbortSignal.timeout(BOOT_MS)), vm.console.text()).toBe(true);
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  // The machine ends under it.
  socket.on('error', () => {});
  return socket;
}

/** What has been written, in order. */
async function readLog(socket: Socket): Promise<string[]> {
  socket.write('LRANGE log 0 -1\r\n');
  let answer = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    answer += chunk;
    const words = answer.split('\r\n');
    const count = /^\*(\d+)$/.exec(words[0] ?? '')?.[1];
    // A length and a value for each, and what is behind the last line's end.
    if (count !== undefined && words.length === 2 * Number(count) + 2) {
      return words.filter((_, index) => index > 0 && index % 2 === 0 && index < words.length - 1);
    }
  }
  throw new Error(`Redis ended its answer too early: ${answer}`);
}

/** Writes numbers one after another until the power is gone; returns the last one that was acknowledged. */
async function writeFrom(first: number, socket: Socket): Promise<number> {
  let last = first - 1;
  const { promise: gone, resolve: end } = Promise.withResolvers<void>();
  const next = (): void => void socket.write(`RPUSH log ${last + 1}\r\n`);
  socket.on('data', (answer: string) => {
    if (!answer.startsWith(':')) return end();
    last += 1;
    next();
  });
  socket.on('close', () => end());
  next();
  await gone;
  return last;
}

async function digestOfRoot(): Promise<string> {
  return createHash('sha256')
    .update(await readFile(ROOT))
    .digest('hex');
}

it(
  `loses no acknowledged write in ${CUTS} power cuts, and comes up each time`,
  async () => {
    await mkdir(DIR, { recursive: true });
    await rm(DATA, { force: true });
    await writeFile(DATA, '');
    await truncate(DATA, 256 * 1024 * 1024);
    // Only to have it built.
    const built = await buildAndStart({ folder: import.meta.dirname, root: 'squashfs' });
    await built.kill();
    const root = await digestOfRoot();

    let acknowledged = 0;
    for (let cut = 0; cut <= CUTS; cut += 1) {
      const vm = await start();
      try {
        const socket = await ready(vm);
        const log = await readLog(socket);
        const numbers = Array.from(log, (_, index) => String(index + 1));
        expect(log).toEqual(numbers);
        expect(log.length).toBeGreaterThanOrEqual(acknowledged);
        expect(vm.console.text()).not.toMatch(/fsck|Give root password|emergency/i);
        if (cut < CUTS) {
          const writing = writeFrom(log.length + 1, socket);
          await delay(200 + Math.random() * WRITING_MS);
          await vm.kill();
          socket.destroy();
          const last = await writing;
          expect(last).toBeGreaterThan(log.length);
          acknowledged = last;
        }
      } finally {
        await vm.kill();
      }
    }
    expect(acknowledged).toBeGreaterThan(0);
    expect(await digestOfRoot()).toBe(root);
  },
  (CUTS + 2) * (BOOT_MS + WRITING_MS),
);
