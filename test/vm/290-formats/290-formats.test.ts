/**
 * The example as disks and discs: firmware boots each of them until Redis answers. A run takes four, of which one is
 * another each day; `npm run test:formats` takes all.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import type { ArchName } from '../../../build/arch.ts';
import { buildImage } from '../../../build/cli/build-image.ts';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import type { OutputFormat } from '../../../build/config/schema.ts';
import { withFileLock } from '../../../build/file-lock.ts';
import { bootMedium } from '../../../build/run/firmware.ts';
import type { DiskBus } from '../../../build/run/machine-disk.ts';
import { waitForRedis } from '../../../build/run/redis-ping.ts';
import { startMachine } from '../../../build/run/start-machine.ts';

const DIR = join(CHECKOUT, 'dist/vm/290-formats');
const REDIS = 6379;
const BOOT_LIMIT_MS = 200_000;

interface Case {
  readonly format: OutputFormat;
  readonly file: string;
  readonly bus: DiskBus;
}

/** What is booted in every run: both firmwares, a disk and a disc. */
const ALWAYS: readonly Case[] = [
  { format: 'raw-efi', file: 'redis-efi.img', bus: 'nvme' },
  { format: 'iso-bios', file: 'redis.iso', bus: 'cd' },
  { format: 'qcow2-bios', file: 'redis.qcow2', bus: 'virtio' },
];

const IN_TURN: readonly Case[] = [
  { format: 'iso-efi', file: 'redis-efi.iso', bus: 'cd' },
  { format: 'raw-bios', file: 'redis-bios.img', bus: 'sata' },
  { format: 'qcow2-efi', file: 'redis-efi.qcow2', bus: 'virtio' },
  { format: 'vmdk', file: 'redis.vmdk', bus: 'sata' },
  { format: 'iso-efi-initrd', file: 'redis-efi-initrd.iso', bus: 'usb' },
  { format: 'dynamic-vhd', file: 'redis.vhd', bus: 'sata' },
  { format: 'aws', file: 'redis.raw', bus: 'nvme' },
  { format: 'gcp', file: 'redis.img.tar.gz', bus: 'virtio' },
  { format: 'iso-bios', file: 'redis.iso', bus: 'usb' },
];
/** Built apart: it has the name of the dynamic one. */
const FIXED_VHD: Case = { format: 'vhd', file: 'redis.vhd', bus: 'virtio' };

const DAY_MS = 86_400_000;
const OF_TODAY = IN_TURN.slice(Math.floor(Date.now() / DAY_MS) % IN_TURN.length).slice(0, 1);
const IS_ALL = process.env['ISHMAEL_FORMATS'] === 'all';
const CASES = [...ALWAYS, ...(IS_ALL ? IN_TURN : OF_TODAY)];

async function build(
  dir: string,
  formats: readonly OutputFormat[],
  arch: ArchName = 'amd64',
): Promise<void> {
  await withFileLock(join(CHECKOUT, 'dist/vm/build.lock'), async () => {
    await buildImage({
      file: join(CHECKOUT, 'examples/redis.yml'),
      dir,
      name: 'redis',
      formats,
      arch,
      components: true,
      compression: 'quick',
      progress: () => {},
    });
  });
}

async function answersFrom(path: string, bus: DiskBus, arch: ArchName = 'amd64'): Promise<boolean> {
  const medium = bootMedium(path);
  if (medium === undefined) throw new Error(`Nothing boots ${path}`);
  const { firmware } = medium;
  const vm = await startMachine(
    {
      dir: DIR,
      name: 'redis',
      boot: { firmware, arch, bootDisk: { path, bus } },
      accel: 'tcg',
      consoleLog: join(DIR, `${medium.image}-${arch}-${firmware}-${bus}.log`),
      memoryMiB: 512,
      cpus: 1,
      network: true,
      publish: [{ host: 0, guest: REDIS }],
      rebootEnds: true,
      timeLimitMs: BOOT_LIMIT_MS + 10_000,
    },
    () => {},
  );
  try {
    const port = vm.forwards[0]?.host ?? 0;
    return await waitForRedis(port, AbortSignal.timeout(BOOT_LIMIT_MS));
  } finally {
    await vm.kill();
    // Ports of a machine that is gone may be asked for by the next.
    await delay(100);
  }
}

/** What Compute Engine does with the archive. */
function unpacked(file: string): string {
  execFileSync('tar', ['-xzf', join(DIR, file), '-C', DIR]);
  return join(DIR, 'disk.raw');
}

beforeAll(async () => {
  await rm(DIR, { recursive: true, force: true });
  await mkdir(DIR, { recursive: true });
  await build(
    DIR,
    CASES.map(({ format }) => format),
  );
});

it.each(CASES)('$format boots by its firmware, attached as $bus', async ({ file, bus }) => {
  const path = file.endsWith('.tar.gz') ? unpacked(file) : join(DIR, file);
  expect(await answersFrom(path, bus)).toBe(true);
});

if (IS_ALL) {
  it('raw-efi of arm64 boots by its firmware', async () => {
    const dir = join(DIR, 'arm64');
    await build(dir, ['raw-efi'], 'arm64');
    expect(await answersFrom(join(dir, 'redis-efi.img'), 'virtio', 'arm64')).toBe(true);
  });

  it('vhd boots by its firmware', async () => {
    const dir = join(DIR, 'fixed');
    await build(dir, [FIXED_VHD.format]);
    expect(await answersFrom(join(dir, FIXED_VHD.file), FIXED_VHD.bus)).toBe(true);
  });
}
