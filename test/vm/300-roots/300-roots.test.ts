/**
 * Roots that are file systems on a disk: what programs do not need stays there. The machine of the README uses at most 60 % of
 * the memory that it takes from an initrd, answers with 128 MiB, and takes no root but its own.
 */
import { copyFile, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '../../../build/cli/build-image.ts';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import { withFileLock } from '../../../build/file-lock.ts';
import { type RootName, rootPath } from '../../../build/run/image-files.ts';
import { waitForRedis } from '../../../build/run/redis-ping.ts';
import { startMachine } from '../../../build/run/start-machine.ts';
import type { MachineInfo } from '../../../supervisor/control/api.ts';
import { bootMachine, buildAndStart } from '../../support/vm-machine.ts';

const REDIS = 6379;
const LIMIT_MS = 200_000;
const DIR = join(CHECKOUT, 'dist/vm/300-roots');
const NAME = '300-roots';

/** KiB that nobody could have, once Redis answers. */
async function usedMemory(root?: RootName): Promise<number> {
  const machine = await bootMachine({
    folder: import.meta.dirname,
    instance: root ?? 'initrd',
    ports: [REDIS],
    ...(root && { root }),
  });
  try {
    expect(await waitForRedis(machine.hostPort(REDIS), AbortSignal.timeout(LIMIT_MS))).toBe(true);
    const { memory } = await machine.get<MachineInfo>('/v1/machine');
    return memory.totalKiB - memory.availableKiB;
  } finally {
    await machine.vm.kill();
  }
}

it('takes at most 60 % of the memory that the initrd takes', async () => {
  const initrd = await usedMemory();
  const squashfs = await usedMemory('squashfs');
  expect(squashfs / initrd).toBeLessThanOrEqual(0.6);
});

it('is on a disc as well', async () => {
  expect(await usedMemory('iso')).toBeGreaterThan(0);
});

it('answers with 128 MiB', async () => {
  const vm = await buildAndStart({
    folder: import.meta.dirname,
    instance: 'little',
    memoryMiB: 128,
    ports: [REDIS],
    root: 'erofs',
  });
  try {
    const port = vm.forwards[0]?.host ?? 0;
    expect(await waitForRedis(port, AbortSignal.timeout(LIMIT_MS))).toBe(true);
  } finally {
    await vm.kill();
  }
});

it('takes no root but the one that it was built with, and says what there is', async () => {
  const path = join(DIR, 'other.img');
  await copyFile(rootPath(DIR, NAME, 'squashfs'), path);
  const file = await open(path, 'r+');
  await file.write(Buffer.from('?'), 0, 1, 5000);
  await file.close();
  const vm = await startMachine(
    {
      dir: DIR,
      name: NAME,
      root: { kind: 'squashfs', disk: { path, bus: 'nvme', readonly: true } },
      accel: 'tcg',
      consoleLog: join(DIR, 'other.log'),
      memoryMiB: 512,
      cpus: 1,
      network: false,
      publish: [],
      rebootEnds: true,
      timeLimitMs: LIMIT_MS,
    },
    () => {},
  );
  try {
    await vm.console.waitFor(
      /no disk has the squashfs root of this machine; found: nvme0n1 \(\d+ MiB\)/,
      LIMIT_MS,
    );
  } finally {
    await vm.kill();
  }
});

/** A kernel that has the drivers of real hardware as modules, which the small initrd loads. */
describe('an ext4 root in a partition', () => {
  const image = join(DIR, 'ext4-bios.img');

  beforeAll(async () => {
    await mkdir(DIR, { recursive: true });
    const yaml = await readFile(join(import.meta.dirname, 'image.yml'), 'utf8');
    const file = join(DIR, 'ext4.yml');
    await writeFile(
      file,
      `${yaml.replace('ishmael/kernel', 'ishmael/kernel-generic')}root: { filesystem: ext4 }\n`,
    );
    await withFileLock(join(CHECKOUT, 'dist/vm/build.lock'), async () => {
      await buildImage({
        file,
        dir: DIR,
        name: 'ext4',
        formats: ['raw-bios'],
        components: true,
        compression: 'quick',
        progress: () => {},
      });
    });
  });

  it.each(['sata', 'usb'] as const)('is found behind %s', async (bus) => {
    const vm = await startMachine(
      {
        dir: DIR,
        name: 'ext4',
        boot: { firmware: 'bios', arch: 'amd64', bootDisk: { path: image, bus } },
        accel: 'tcg',
        consoleLog: join(DIR, `ext4-${bus}.log`),
        memoryMiB: 512,
        cpus: 1,
        network: true,
        publish: [{ host: 0, guest: REDIS }],
        rebootEnds: true,
        timeLimitMs: LIMIT_MS,
      },
      () => {},
    );
    try {
      const port = vm.forwards[0]?.host ?? 0;
      expect(await waitForRedis(port, AbortSignal.timeout(LIMIT_MS)), vm.console.text()).toBe(true);
      expect(vm.console.text()).toMatch(/EXT4-fs \(sda2\): mounted filesystem .* ro /);
    } finally {
      await vm.kill();
    }
  });
});
