/**
 * What proves what was booted: a root of which no byte may differ, and Secure Boot with the key that Debian's OVMF has for tests.
 */
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '../../../build/cli/build-image.ts';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import type { DiskRoot } from '../../../build/config/root-schema.ts';
import type { OutputFormat } from '../../../build/config/schema.ts';
import { withFileLock } from '../../../build/file-lock.ts';
import { rootPath } from '../../../build/run/image-files.ts';
import { waitForRedis } from '../../../build/run/redis-ping.ts';
import { type MachineRequest, startMachine } from '../../../build/run/start-machine.ts';
import type { Vm } from '../../../build/run/vm.ts';
import { measureDisk } from '../../../build/measure/measure-disk.ts';
import { startTpm } from '../../support/tpm.ts';
import { SHELL_PORT } from '../../support/vm-shell.ts';
import { talk } from '../../support/vm-talk.ts';

const DIR = join(CHECKOUT, 'dist/vm/310-verified');
const REDIS = 6379;
const LIMIT_MS = 200_000;
const VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd';
const KEY = '/usr/share/ovmf/PkKek-1-snakeoil.key';
const CERT = '/usr/share/ovmf/PkKek-1-snakeoil.pem';

/** Those of the example, and somebody to ask. */
const SERVICES = `services:
  - name: shell
    image: ishmael/busybox
    command: [nc, -ll, -p, '${SHELL_PORT}', -e, /bin/sh]
    net: host
`;

async function build(
  name: string,
  format: OutputFormat,
  more = '',
  filesystem: DiskRoot = 'erofs',
): Promise<void> {
  const example = await readFile(join(CHECKOUT, 'examples/redis.yml'), 'utf8');
  const file = join(DIR, `${name}.yml`);
  await writeFile(
    file,
    `${example.replace('services:\n', SERVICES)}${more}panic: { action: reboot, delay: 1s }\nroot: { filesystem: ${filesystem}, verity: true }\n`,
  );
  await withFileLock(join(CHECKOUT, 'dist/vm/build.lock'), async () => {
    await buildImage({
      file,
      dir: DIR,
      name,
      formats: [format],
      components: true,
      compression: 'quick',
      progress: () => {},
    });
  });
}

async function start(name: string, request: Partial<MachineRequest>): Promise<Vm> {
  return startMachine(
    {
      dir: DIR,
      name,
      accel: 'tcg',
      consoleLog: join(DIR, `${name}.log`),
      memoryMiB: 512,
      cpus: 1,
      network: true,
      publish: [REDIS, SHELL_PORT].map((guest) => ({ host: 0, guest })),
      rebootEnds: true,
      timeLimitMs: LIMIT_MS,
      ...request,
    },
    () => {},
  );
}

function startDisk(path: string, name: string, more: Partial<MachineRequest> = {}): Promise<Vm> {
  const bootDisk = { path, bus: 'virtio' } as const;
  const boot = { firmware: 'uefi', arch: 'amd64', bootDisk, variables: VARIABLES } as const;
  return start(name, { boot, ...more });
}

/** A copy of the file with one bit of it the other way. */
async function flipped(path: string, at: number, copy: string): Promise<string> {
  await copyFile(path, copy);
  const file = await open(copy, 'r+');
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
  buffer.writeUInt8(buffer.readUInt8(0) ^ 1, 0);
  await file.write(buffer, 0, 1, at);
  await file.close();
  return copy;
}

beforeAll(async () => {
  await rm(DIR, { recursive: true, force: true });
  await mkdir(DIR, { recursive: true });
  const key = join(DIR, 'key.pem');
  execFileSync('openssl', ['rsa', '-in', KEY, '-passin', 'pass:snakeoil', '-out', key], {
    stdio: 'pipe',
  });
  await build('signed', 'raw-efi', `sign: { key: '${key}', cert: '${CERT}' }\n`);
  await build('unsigned', 'raw-efi');
  await build('flipped', 'kernel+erofs');
  await build('bios', 'raw-bios', '', 'squashfs');
});

describe('Secure Boot', () => {
  it('starts what is signed, and its kernel lets nobody change it; a TPM has what was predicted', async () => {
    const disk = join(DIR, 'signed-efi.img');
    const tpm = await startTpm();
    const vm = await startDisk(disk, 'signed', { tpmSocket: tpm.socket });
    try {
      const port = vm.forwards[0]?.host ?? 0;
      expect(await waitForRedis(port, AbortSignal.timeout(LIMIT_MS))).toBe(true);
      const said = vm.console.text();
      expect(said).toContain('Secure boot enabled');
      expect(said).toContain('Kernel is locked down from command line');
      expect(said).toMatch(/Kernel command line: .* roothash=[0-9a-f]{64}\b/);
      const shell = vm.forwards[1]?.host ?? 0;
      const registers = await talk(shell, `cd /sys/class/tpm/tpm0/pcr-sha256; cat 4 11\nexit\n`);
      const predicted = await measureDisk(disk);
      expect(registers.toLowerCase().trim().split('\n')).toEqual(
        predicted.map(({ value }) => value),
      );
    } finally {
      await vm.kill();
      tpm.end();
    }
  });

  it('does not start what is not signed', async () => {
    const vm = await startDisk(join(DIR, 'unsigned-efi.img'), 'unsigned');
    try {
      await vm.console.waitFor(/Access Denied|Security Violation/, LIMIT_MS);
      expect(vm.console.text()).not.toContain('Linux version');
    } finally {
      await vm.kill();
    }
  });

  it('does not start what was altered after it was signed', async () => {
    const disk = join(DIR, 'signed-efi.img');
    const path = await flipped(disk, await middleOfUki(disk), join(DIR, 'altered-efi.img'));
    const vm = await startDisk(path, 'altered');
    try {
      await vm.console.waitFor(/Access Denied|Security Violation/, LIMIT_MS);
      expect(vm.console.text()).not.toContain('Linux version');
    } finally {
      await vm.kill();
    }
  });
});

/** In the program that the boot manager starts: its kernel, its initrd and its command line are one. */
async function middleOfUki(disk: string): Promise<number> {
  const uki = execFileSync('mtype', ['-i', `${disk}@@1M`, '::EFI/Linux/ishmael.efi'], {
    maxBuffer: 2 ** 30,
  });
  const middle = Math.floor(uki.length / 2);
  const at = (await readFile(disk)).indexOf(uki.subarray(middle, middle + 256));
  if (at === -1) throw new Error('The kernel is in pieces on the boot partition');
  return at;
}

/** Blocks of a root, from the blocks of it and its hashes, of which 128 are in a block. */
function rootBlocks(total: number): number {
  for (let blocks = total; blocks > 0; blocks -= 1) {
    let hashes = 0;
    for (let level = blocks; level > 1; hashes += level) level = Math.ceil(level / 128);
    if (blocks + hashes === total) return blocks;
  }
  throw new Error(`No root has ${total} blocks with its hashes`);
}

it('a BIOS boots a disk with a verified squashfs in a partition', async () => {
  const path = join(DIR, 'bios-bios.img');
  const bootDisk = { path, bus: 'nvme' } as const;
  const vm = await start('bios', { boot: { firmware: 'bios', arch: 'amd64', bootDisk } });
  try {
    const port = vm.forwards[0]?.host ?? 0;
    expect(await waitForRedis(port, AbortSignal.timeout(LIMIT_MS)), vm.console.text()).toBe(true);
  } finally {
    await vm.kill();
  }
});

describe('a root with one bit changed', () => {
  /** Where it may be: in what the file system begins with, anywhere in it, and in the first and the last of the hashes. */
  async function places(path: string): Promise<number[]> {
    const { size } = await stat(path);
    const end = rootBlocks(size / 4096) * 4096;
    const parts = [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => Math.floor(end * part));
    return [1030, 70_000, ...parts, end - 1, end + 5, size - 4090];
  }

  it('is not run, and the machine says so, wherever it is', async () => {
    const root = rootPath(DIR, 'flipped', 'erofs');
    const waiting = await places(root);
    expect(waiting).toHaveLength(10);
    const boot = async (): Promise<void> => {
      for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
        const name = `flipped-${at}`;
        const path = await flipped(root, at, join(DIR, `${name}.img`));
        const vm = await start('flipped', {
          root: { kind: 'erofs', disk: { path, bus: 'virtio', readonly: true } },
          consoleLog: join(DIR, `${name}.log`),
          memoryMiB: 256,
          network: false,
          publish: [],
        });
        try {
          await vm.console.waitFor(
            /dm-verity device corrupted|no disk has the erofs root of this machine/,
            LIMIT_MS,
          );
          expect(vm.console.text(), name).not.toContain('redis:');
        } finally {
          await vm.kill();
          await rm(path);
        }
      }
    };
    await Promise.all([boot(), boot()]);
  }, 600_000);
});
