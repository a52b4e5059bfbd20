/**
 * A card for a Raspberry Pi 4. QEMU has no such board: what the board's firmware reads is looked at as it would, and then the
 * kernel, the initrd and the command line of the card boot another machine of its architecture, with the card in its slot.
 */
import { execFileSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fileDigest } from '../../../build/binary/file-digest.ts';
import { buildImage } from '../../../build/cli/build-image.ts';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import { readTar } from '../../../build/image/layer.ts';
import { defaultStore, openImageStore } from '../../../build/image/oci-layout.ts';
import { kernelFile, readData } from '../../../build/output/machine-trees.ts';
import { readFileData } from '../../../build/rootfs/file-data.ts';
import { imageFiles } from '../../../build/run/image-files.ts';
import { waitForRedis } from '../../../build/run/redis-ping.ts';
import type { MachineInfo } from '../../../supervisor/control/api.ts';
import { type BootRequest, bootMachine, type TestMachine } from '../../support/vm-machine.ts';

const DIR = join(CHECKOUT, 'dist/vm/350-rpi4');
const NAME = '350-rpi4';
const CARD = join(DIR, `${NAME}-rpi4.img`);
const YAML = join(CHECKOUT, 'examples/rpi4.yml');
const REDIS = 6379;
/** QEMU has cards of powers of two only. */
const BYTES = 512 * 1024 * 1024;
const BOOT_MS = 300_000;

let machine: TestMachine;
let isSameAgain = false;

/** A file of the card's boot partition, as mtools reads it. */
async function onCard(name: string): Promise<Buffer> {
  const copy = join(DIR, 'copied');
  execFileSync('mcopy', ['-n', '-o', '-i', `${CARD}@@1M`, `::${name}`, copy]);
  return readFile(copy);
}

async function buildCard(file: string, dir: string): Promise<void> {
  await buildImage({
    file,
    dir,
    name: NAME,
    formats: ['rpi4'],
    arch: 'arm64',
    size: BYTES,
    components: true,
    compression: 'quick',
    progress: () => {},
  });
}

const build: BootRequest['build'] = async (file, { dir, name }) => {
  await buildCard(file, dir);
  // Before anything is written to it.
  const again = join(dir, 'again');
  await buildCard(file, again);
  isSameAgain =
    (await fileDigest(CARD, dir)) === (await fileDigest(join(again, basename(CARD)), again));
  const { kernel, initrd, cmdline } = imageFiles(dir, name);
  await writeFile(kernel, await onCard('kernel.img'));
  await writeFile(initrd, await onCard('initrd.img'));
  const words = (await onCard('cmdline.txt')).toString().trim();
  await writeFile(cmdline, `${words} console=ttyAMA0`);
};

beforeAll(async () => {
  machine = await bootMachine({
    folder: import.meta.dirname,
    yaml: YAML,
    build,
    ports: [REDIS],
    disks: [{ path: CARD, bus: 'sd' }],
    caseLimitMs: 500_000,
    bootLimitMs: BOOT_MS,
  });
  return () => machine.vm.kill();
}, BOOT_MS + 300_000);

describe('the card', () => {
  it('has an MBR with a FAT32 partition that comes first, and is as large as it was asked to be', async () => {
    const table = JSON.parse(
      execFileSync('/sbin/sfdisk', ['--json', CARD], { encoding: 'utf8' }),
    ) as {
      readonly partitiontable: {
        readonly label: string;
        readonly partitions: readonly { readonly start: number; readonly type: string }[];
      };
    };
    expect(table.partitiontable.label).toBe('dos');
    expect(table.partitiontable.partitions).toMatchObject([
      { start: 2048, type: 'c' },
      { type: '83' },
    ]);
    expect((await stat(CARD)).size).toBe(BYTES);
  });

  it('is the same to the byte when it is built again', () => {
    expect(isSameAgain).toBe(true);
  });

  it('has the programs of the firmware, with their licence', async () => {
    expect((await onCard('start4.elf')).subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    expect((await onCard('fixup4.dat')).length).toBeGreaterThan(1000);
    expect((await onCard('LICENCE.broadcom')).toString()).toContain('Broadcom');
  });

  it('has what config.txt names, and a command line of one line', async () => {
    const config = (await onCard('config.txt')).toString().trim().split('\n');
    const value = (key: RegExp): string =>
      config.find((line) => key.test(line))?.replace(key, '') ?? '';
    expect(config).toContain('arm_64bit=1');
    const kernel = await onCard(value(/^kernel=/u));
    // Documentation/arch/arm64/booting.rst, "Call the kernel image".
    expect(kernel.subarray(56, 60).toString('latin1')).toBe('ARM\x64');
    const [initrd = '', where] = value(/^initramfs /u).split(' ');
    expect(where).toBe('followkernel');
    expect((await onCard(initrd)).length).toBeGreaterThan(1_000_000);
    expect((await onCard('cmdline.txt')).toString()).toMatch(
      /^[^\n]*console=ttyS1,115200[^\n]*\n$/u,
    );
  });

  it.each(['bcm2711-rpi-4-b', 'bcm2711-rpi-400', 'bcm2711-rpi-cm4-io'])(
    'has the device tree %s',
    async (board) => {
      const tree = await onCard(`${board}.dtb`);
      expect(tree.readUInt32BE(0)).toBe(0xd00dfeed);
      expect(tree.includes('brcm,bcm2711\0')).toBe(true);
    },
  );
});

/** What the board does not work without: its card, the voltages of it, its network with the bus of its PHY, its USB. */
const DEVICES = [
  'brcm,bcm2711-emmc2',
  'regulator-fixed',
  'regulator-gpio',
  'brcm,bcm2711-genet-v5',
  'brcm,genet-mdio-v5',
  'raspberrypi,firmware-reset',
  'brcm,bcm2711-rng200',
];

it.each(DEVICES)('has a driver for %s, which its device tree names', async (device) => {
  expect((await onCard('bcm2711-rpi-4-b.dtb')).includes(`${device}\0`)).toBe(true);
  const store = openImageStore(defaultStore(), 'arm64');
  const kernel = await store.find('ishmael/kernel-generic');
  if (kernel === undefined) throw new Error('The card was built without its kernel');
  const archive = kernelFile(kernel, await store.tree(kernel), 'kernel.tar');
  const modules = await readTar(readData(archive), join(DIR, 'kernel.tar.data'));
  const [index] = [...modules].find(([path]) => path.endsWith('/modules.alias'))?.slice(1) ?? [];
  if (typeof index !== 'object' || index.type !== 'file') throw new Error('No modules.alias');
  const aliases = Buffer.from(await readFileData(index.data)).toString();
  expect(aliases).toContain(`of:N*T*C${device} `);
});

describe('the machine that the card boots', () => {
  it('answers from its root on the card', async () => {
    const port = machine.hostPort(REDIS);
    expect(await waitForRedis(port, AbortSignal.timeout(60_000))).toBe(true);
    expect(await machine.get<MachineInfo>('/v1/machine')).toMatchObject({ architecture: 'arm64' });
    expect(machine.vm.console.text()).toMatch(/mmcblk0: p1 p2/u);
  });
});
