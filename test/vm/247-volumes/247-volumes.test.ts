/** Volumes that the YAML puts on disks: made, found again, checked, grown, and never where anything else is. */
import { execFileSync } from 'node:child_process';
import { mkdir, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import type { LogLine, UnitStatus } from '../../../supervisor/control/api.ts';
import type { MachineMount } from '../../../supervisor/control/api-machine.ts';
import { startTpm, type TestTpm } from '../../support/tpm.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const MIB = 1_048_576;
const DIR = join(CHECKOUT, 'dist/vm/247-volumes');

/** In the order in which the guest has them: vda, vdb and so on. */
const DISKS = {
  data: 64 * MIB,
  cold: 400 * MIB,
  b: 150 * MIB,
  share: 8 * MIB,
  secret: 40 * MIB,
  pages: 33 * MIB,
  old: 16 * MIB,
  precious: 20 * MIB,
  begun: 24 * MIB,
};
const path = (name: keyof typeof DISKS): string => join(DIR, `${name}.raw`);

let machine: TestMachine;
let shell: GuestShell;
let tpm: TestTpm;

async function boot(): Promise<void> {
  machine = await bootMachine({
    folder: import.meta.dirname,
    ports: [SHELL_PORT],
    disks: Object.keys(DISKS).map((name) => path(name as keyof typeof DISKS)),
    tpmSocket: tpm.socket,
    caseLimitMs: 900_000,
    bootLimitMs: 400_000,
  });
  shell = await guestShell(machine);
}

async function endMachine(): Promise<void> {
  await machine.post('/v1/poweroff');
  await machine.ended();
  tpm.end();
}

/** How the task of a volume ended, and what it said. */
async function volume(name: string): Promise<{ code: number | undefined; said: string }> {
  const units = await machine.get<readonly UnitStatus[]>('/v1/services');
  const unit = units.find((each) => each.id === `volume-${name}`);
  if (unit === undefined) throw new Error(`No volume ${name}`);
  const lines: readonly LogLine[] = await machine.logs(unit.id);
  return { code: unit.lastExit?.code, said: lines.map(({ text }) => text).join('\n') };
}

const sizeOf = async (folder: string): Promise<number> =>
  Number(await shell(`df -k ${folder} | awk 'END { print $2 }'`));

beforeAll(async () => {
  await rm(DIR, { recursive: true, force: true });
  await mkdir(DIR, { recursive: true });
  for (const [name, size] of Object.entries(DISKS)) {
    await writeFile(path(name as keyof typeof DISKS), '');
    await truncate(path(name as keyof typeof DISKS), size);
  }
  execFileSync('mkfs.fat', ['-n', 'SHARE', path('share')], { stdio: 'pipe' });
  const uuid = '0f0e0d0c-0b0a-4908-8706-050403020100';
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-U', uuid, path('old')], { stdio: 'pipe' });
  // Not as it should be, and not so that a person would have to be asked.
  execFileSync('debugfs', ['-w', '-R', 'set_super_value free_inodes_count 7', path('old')], {
    stdio: 'pipe',
  });
  execFileSync('debugfs', ['-w', '-R', 'set_super_value state 2', path('old')], { stdio: 'pipe' });
  const precious = await open(path('precious'), 'r+');
  await precious.write('no file system, and not nothing', 9 * MIB);
  await precious.close();
  // As a power cut leaves it while a file system is being made.
  execFileSync('sfdisk', ['--quiet', path('begun')], {
    input: 'label: gpt\ntype=linux, name="ishmael-new-begun"\n',
    stdio: 'pipe',
  });
  const begun = await open(path('begun'), 'r+');
  await begun.write('half of something', 2 * MIB);
  await begun.close();
  tpm = await startTpm();
  await boot();
}, 500_000);
afterAll(async () => {
  await machine.vm.kill();
  tpm.end();
});

describe('the first boot', () => {
  it('makes what is to be on blank disks, one after another', async () => {
    for (const name of ['data', 'cold', 'b', 'secret', 'pages', 'begun']) {
      expect(await volume(name), name).toMatchObject({ code: 0 });
    }
    const mounts = await shell('cat /proc/mounts');
    expect(mounts).toMatch(/^\/dev\/vda1 \/data ext4 rw/mu);
    expect(mounts).toMatch(/^\/dev\/vdb1 \/cold xfs rw,noatime/mu);
    expect(mounts).toMatch(/^\/dev\/mapper\/volume-b \/b btrfs rw/mu);
    const machineMounts = await machine.get<readonly MachineMount[]>('/v1/mounts');
    expect(machineMounts.find(({ source }) => source === '/dev/vda1')).toMatchObject({
      target: '/containers/volumes/data/merged',
      options: expect.arrayContaining(['rw', 'nosuid', 'nodev']) as string[],
    });
    expect(await shell('cat /proc/swaps')).toMatch(/vdf1\s+partition\s+3\d\d\d\d\s/u);
    expect(await shell('cd /dev/disk/by-label; readlink data; readlink cold')).toBe(
      '../../vda1\n../../vdb1\n',
    );
  });

  it('gives a directory to whom it is for, before the tasks that want it', async () => {
    expect(await shell('stat -c "%u %g %a" /data; cat /data/who')).toBe('1000 1000 700\n1000\n');
  });

  it('goes on where the power was cut, in the disk where that was', async () => {
    expect((await volume('begun')).said).toContain('/dev/vdi1 (ext4) is mounted');
  });

  it('takes what others have made, as it is, and mends it without asking', async () => {
    expect(await volume('share')).toMatchObject({ code: 0 });
    expect(await shell('grep " /share " /proc/mounts')).toMatch(/^\/dev\/vdd \/share vfat ro,/u);
    expect(await volume('old')).toMatchObject({ code: 0 });
  });

  it('leaves a disk alone that has anything on it', async () => {
    expect(await volume('precious')).toEqual({
      code: 1,
      said: 'precious: /dev/vdh has something on it that nobody here knows, and is left alone',
    });
  });

  it('takes no other disk for one that is not there, and names those that are', async () => {
    const { code, said } = await volume('lost');
    expect(code).toBe(1);
    expect(said).toMatch(
      /^lost: there is no disk with the label "nobody"; there are: \/dev\/vda \(64 MiB, partitions\), \/dev\/vda1 \(62 MiB, ext4 "data"\), /u,
    );
    expect(said).toContain('/dev/vdh (20 MiB, something unknown)');
    expect((await volume('elsewhere')).said).toMatch(/^elsewhere: there is no disk \/dev\/vdx; /u);
  });

  it('starts no service without the volume that it binds', async () => {
    const unit = await machine.unit('homeless');
    expect(unit.state).toBe('failed');
    expect(unit.reason).toContain('volume-lost');
  });

  it('writes nothing in the clear where it is to be encrypted', async () => {
    await shell('echo "nobody may read this" > /b/letter; echo kept > /data/letter; sync');
    for (const name of ['b', 'secret'] as const) {
      const bytes = await readFile(path(name));
      expect(bytes.includes('LUKS\xba\xbe', 0, 'latin1'), name).toBe(true);
      expect(bytes.includes('nobody may read this')).toBe(false);
    }
  });
});

describe('the next boot, with larger disks', () => {
  beforeAll(async () => {
    await endMachine();
    await truncate(path('data'), 128 * MIB);
    await truncate(path('cold'), 600 * MIB);
    tpm = await startTpm(tpm.state);
    await boot();
  }, 500_000);

  it('finds all of them again, and makes nothing new', async () => {
    for (const name of ['data', 'cold', 'b', 'secret', 'pages', 'old', 'begun']) {
      const { code, said } = await volume(name);
      expect(code, said).toBe(0);
      expect(said, name).not.toMatch(/blank|becomes|makes/u);
    }
    expect(await shell('cat /data/letter /b/letter; wc -l < /data/boots')).toBe(
      'kept\nnobody may read this\n2\n',
    );
  });

  it('lets them grow with their disks', async () => {
    expect((await volume('data')).said).toContain('/dev/vda1 grows by 64 MiB');
    expect(await sizeOf('/data')).toBeGreaterThan(100 * 1024);
    expect(await sizeOf('/cold')).toBeGreaterThan(480 * 1024);
  });

  it('has written to no disk that was not meant', async () => {
    const bytes = await readFile(path('precious'));
    const at = 9 * MIB;
    expect(bytes.subarray(at).toString('latin1')).toMatch(/^no file system, and not nothing\0*$/u);
    expect(bytes.subarray(0, at).every((byte) => byte === 0)).toBe(true);
  });
});

describe('a boot with another TPM', () => {
  beforeAll(async () => {
    await endMachine();
    tpm = await startTpm();
    await boot();
  }, 500_000);

  it('does not get the key, and says so', async () => {
    const { code, said } = await volume('secret');
    expect(code).toBe(1);
    expect(said).toContain('the TPM does not give the key of /dev/vde1');
    expect((await machine.unit('secretary')).state).toBe('failed');
    expect(await volume('data')).toMatchObject({ code: 0 });
  });

  it('has left the file systems whole', async () => {
    await endMachine();
    const whole = (name: string, ...command: string[]): void => {
      const [file = '', ...args] = command;
      expect(() => execFileSync(file, args, { stdio: 'pipe' }), name).not.toThrow();
    };
    whole('old', 'e2fsck', '-f', '-n', path('old'));
    whole('data', 'e2fsck', '-f', '-n', `${path('data')}?offset=${MIB}`);
  });
});
