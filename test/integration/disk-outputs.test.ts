/** Disks and discs as other tools see them, and that they are the same when they are built again. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKOUT } from '../../build/cli/checkout.ts';

const FORMATS =
  'iso-bios,iso-efi,iso-efi-initrd,raw-bios,raw-efi,qcow2-bios,qcow2-efi,vmdk,vhd,gcp,aws';
const MIB = 1_048_576;
/** fs/erofs/erofs_fs.h */
const EROFS_MAGIC = 0xe0f5e1e2;
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

let folder: string;
let first: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ishmael-disks-'));
  first = join(folder, 'first');
  build(first, FORMATS);
}, 900_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ishmael(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ReturnType<typeof spawnSync> {
  return spawnSync(join(CHECKOUT, 'build/ishmael.sh'), args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

function build(dir: string, formats: string, ...more: string[]): void {
  const example = join(CHECKOUT, 'examples/redis.yml');
  const { status, stderr } = ishmael(
    ['build', example, '--quick', '--dir', dir, '--format', formats, ...more],
    { TZ: dir === first ? 'UTC' : 'Asia/Kathmandu' },
  );
  if (status !== 0) throw new Error(`The build ended with ${String(status)}: ${String(stderr)}`);
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', env: { ...process.env, PATH } });
}

const at = (name: string): string => join(first, name);

interface Table {
  readonly partitiontable: {
    readonly label: string;
    readonly partitions: readonly {
      readonly start: number;
      readonly size: number;
      readonly type: string;
      readonly bootable?: boolean;
    }[];
  };
}

function table(name: string): Table['partitiontable'] {
  return (JSON.parse(run('sfdisk', '--json', at(name))) as Table).partitiontable;
}

/** The partition as a file, looked at by another program than the one that made it. */
function checkFat(name: string): string {
  const [partition] = table(name).partitions;
  const copy = join(folder, 'partition.fat');
  run(
    'dd',
    `if=${at(name)}`,
    `of=${copy}`,
    'bs=512',
    'status=none',
    'conv=sparse',
    `skip=${String(partition?.start)}`,
    `count=${String(partition?.size)}`,
  );
  return run('fsck.fat', '-n', copy);
}

it("has LinuxKit's file names", () => {
  expect(readdirSync(first).sort()).toEqual([
    'redis-bios.img',
    'redis-efi-initrd.iso',
    'redis-efi.img',
    'redis-efi.iso',
    'redis-efi.qcow2',
    'redis-sbom.spdx.json',
    'redis.img.tar.gz',
    'redis.iso',
    'redis.qcow2',
    'redis.raw',
    'redis.vhd',
    'redis.vmdk',
  ]);
});

it('gives the same bytes again, elsewhere and in another time zone', () => {
  const second = join(folder, 'second');
  build(second, FORMATS);
  const digests = (dir: string): [string, string][] =>
    readdirSync(dir).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(dir, name)))
        .digest('hex'),
    ]);
  expect(digests(second)).toEqual(digests(first));
  rmSync(second, { recursive: true });
});

describe('raw disks', () => {
  it('have an EFI system partition in a GPT, with a file system that is well', () => {
    const { label, partitions } = table('redis-efi.img');
    expect(label).toBe('gpt');
    expect(partitions).toEqual([
      expect.objectContaining({ start: 2048, type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B' }),
    ]);
    expect(checkFat('redis-efi.img')).toMatch(/\d+ files/);
    const boot = run('mdir', '-b', '-/', '-i', `${at('redis-efi.img')}@@1M`, '::');
    for (const name of ['EFI/BOOT/BOOTX64.EFI', 'loader/loader.conf', 'EFI/Linux/ishmael.efi']) {
      expect(boot).toContain(`::/${name}`);
    }
  });

  it('have an active FAT32 partition in an MBR, with a file system that is well', () => {
    const { label, partitions } = table('redis-bios.img');
    expect(label).toBe('dos');
    expect(partitions).toEqual([
      expect.objectContaining({ start: 2048, type: 'c', bootable: true }),
    ]);
    expect(checkFat('redis-bios.img')).toMatch(/\d+ files/);
    expect(readFileSync(at('redis.raw')).equals(readFileSync(at('redis-bios.img')))).toBe(true);
  });

  it('have holes where nothing is', () => {
    const { size, blocks } = statSync(at('redis-efi.img'));
    expect(blocks * 512).toBeLessThan(size);
  });
});

describe('discs', () => {
  it.each([
    ['redis.iso', /boot img : +1 +BIOS/],
    ['redis-efi.iso', /boot img : +1 +UEFI/],
  ])('%s has what its firmware looks for', (name, catalogue) => {
    expect(run('xorriso', '-indev', at(name), '-report_el_torito', 'plain')).toMatch(catalogue);
    // And a stick that it is written to has a partition table.
    expect(table(name).partitions.length).toBeGreaterThan(0);
  });
});

describe('for hypervisors and clouds', () => {
  it('qcow2 is well, and as large as the raw disk', () => {
    run('qemu-img', 'check', '-q', at('redis.qcow2'));
    const info = JSON.parse(run('qemu-img', 'info', '--output=json', at('redis.qcow2'))) as {
      'virtual-size': number;
    };
    expect(info['virtual-size']).toBe(statSync(at('redis-bios.img')).size);
  });

  it.each([
    ['redis.qcow2', 'qcow2'],
    ['redis.vmdk', 'vmdk'],
    ['redis.vhd', 'vpc'],
  ])('%s is the raw disk again', (name, format) => {
    const raw = join(folder, 'again.raw');
    run('qemu-img', 'convert', '-f', format, '-O', 'raw', at(name), raw);
    expect(readFileSync(raw).equals(readFileSync(at('redis-bios.img')))).toBe(true);
  });

  it('vmdk names itself in what it says of itself', () => {
    const descriptor = readFileSync(at('redis.vmdk')).subarray(512, 2560).toString('latin1');
    expect(descriptor).toMatch(/^RW \d+ SPARSE "redis\.vmdk"$/m);
    expect(descriptor).toMatch(/^CID=[0-9a-f]{8}$/m);
  });

  it('vhd is whole MiB and a footer, as Azure wants it', () => {
    const bytes = readFileSync(at('redis.vhd'));
    expect((bytes.length - 512) % MIB).toBe(0);
    const footer = bytes.subarray(-512);
    expect(footer.subarray(0, 8).toString()).toBe('conectix');
    expect(footer.readUInt32BE(60)).toBe(2);
    expect(Number(footer.readBigUInt64BE(48))).toBe(bytes.length - 512);
  });

  it('gcp is disk.raw of whole GiB in an archive of GNU tar', () => {
    const listing = run('tar', '-tvzf', at('redis.img.tar.gz'));
    expect(listing.trim().split('\n')).toHaveLength(1);
    expect(listing).toMatch(/ 1073741824 .* disk\.raw$/m);
    const head = execFileSync('sh', ['-c', `gzip -dc '${at('redis.img.tar.gz')}' | head -c 512`]);
    expect(head.subarray(257, 265).toString('latin1')).toBe('ustar  \0');
  });
});

describe('bad wishes', () => {
  const example = join(CHECKOUT, 'examples/redis.yml');
  const wish = (...args: string[]): { status: number | null; said: string } => {
    const dir = join(folder, 'bad');
    const { status, stderr } = ishmael(['build', example, '--quick', '--dir', dir, ...args]);
    expect(existsSync(dir) && readdirSync(dir).length > 0).toBe(false);
    return { status, said: String(stderr) };
  };

  it('a size that is too small is answered with the one that is needed', () => {
    const { status, said } = wish('--format', 'raw-efi', '--size', '32M');
    expect(status).toBe(1);
    expect(said).toMatch(/A disk of 32M is too small: this machine needs \d+M/);
  });

  it('a size is not passed over where nothing has one', () => {
    expect(wish('--format', 'tar,iso-bios', '--size', '1G')).toMatchObject({
      status: 1,
      said: expect.stringContaining('No size can be asked for of tar, iso-bios') as string,
    });
    expect(wish('--format', 'raw-efi', '--size', 'big').status).toBe(2);
  });

  it('two formats of one name, and a BIOS for arm64', () => {
    expect(wish('--format', 'vhd,dynamic-vhd').said).toContain('write the same file');
    expect(wish('--format', 'raw-bios', '--arch', 'arm64').said).toContain('has no BIOS');
  });

  it('a card for a board of another architecture, or with a kernel that does not know the board', () => {
    expect(wish('--format', 'rpi4').said).toContain('rpi4 is for arm64 only');
    expect(wish('--format', 'rpi4', '--arch', 'arm64').said).toContain(
      'Cannot use ishmael/kernel for rpi4: it has no dtb/broadcom/bcm2711-rpi-4-b.dtb',
    );
  }, 300_000);
});

describe('a verified root, signed', () => {
  const dir = (): string => join(folder, 'verified');
  const built = (name: string): string => join(dir(), name);

  beforeAll(() => {
    for (const name of ['own', 'other']) {
      const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)];
      const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test'];
      execFileSync('openssl', [...words, ...files], { stdio: 'pipe' });
    }
    verified(dir(), 'own');
  }, 300_000);

  function verified(to: string, cert: string): ReturnType<typeof ishmael> {
    const yaml = join(folder, 'verified.yml');
    const keys = `key: ${join(folder, 'own.key')}, cert: ${join(folder, `${cert}.pem`)}`;
    const example = readFileSync(join(CHECKOUT, 'examples/redis.yml'), 'utf8');
    writeFileSync(yaml, `${example}root: {verity: true}\nsign: {${keys}}\n`);
    const formats = ['--format', 'raw-efi,raw-bios', '--name', 'm'];
    return ishmael(['build', yaml, '--quick', '--dir', to, ...formats]);
  }

  /** A partition of a disk as a file. */
  function partition(name: string, index: number): string {
    const text = run('sfdisk', '--json', built(name));
    const { start, size } = (JSON.parse(text) as Table).partitiontable.partitions[index] ?? {};
    const copy = join(folder, 'partition.img');
    const words = [`if=${built(name)}`, `of=${copy}`, 'bs=512', 'status=none'];
    run('dd', ...words, `skip=${String(start)}`, `count=${String(size)}`);
    return copy;
  }

  it('has the same root in a partition of both disks, and the hash of it on the command line', () => {
    const boot = join(folder, 'boot.efi');
    run('mcopy', '-n', '-o', '-i', `${built('m-efi.img')}@@1M`, '::EFI/Linux/ishmael.efi', boot);
    const cmdline = join(folder, 'cmdline');
    run('objcopy', '-O', 'binary', '--only-section=.cmdline', boot, cmdline);
    const [, hash = ''] = /roothash=([0-9a-f]{64})$/.exec(readFileSync(cmdline, 'utf8')) ?? [];
    const [efi, bios] = ['m-efi.img', 'm-bios.img'].map((name) => {
      const bytes = readFileSync(partition(name, 1));
      return createHash('sha256').update(bytes).digest('hex');
    });
    expect(efi).toBe(bios);
    expect(hash).toHaveLength(64);
    expect(readFileSync(partition('m-efi.img', 1)).readUInt32LE(1024)).toBe(EROFS_MAGIC);
  });

  it('has what its firmware starts signed by the key', () => {
    for (const name of ['EFI/BOOT/BOOTX64.EFI', 'EFI/Linux/ishmael.efi']) {
      const program = join(folder, 'program.efi');
      run('mcopy', '-n', '-o', '-i', `${built('m-efi.img')}@@1M`, `::${name}`, program);
      const verify = (cert: string): string =>
        run('osslsigncode', 'verify', '-CAfile', join(folder, cert), '-in', program);
      expect(verify('own.pem')).toContain('Signature verification: ok');
      expect(() => verify('other.pem')).toThrow();
    }
  });

  it('gives the same bytes again', () => {
    const again = join(folder, 'verified-again');
    verified(again, 'own');
    for (const name of ['m-efi.img', 'm-bios.img']) {
      expect(readFileSync(join(again, name)).equals(readFileSync(built(name)))).toBe(true);
    }
  });

  it('is not made with the certificate of another key', () => {
    const { status, stderr } = verified(join(folder, 'mismatch'), 'other');
    expect(status).toBe(1);
    expect(String(stderr)).toContain('osslsigncode');
  });

  it('is not made where it could not be verified, or without its key', () => {
    const yaml = join(folder, 'verified.yml');
    const to = ['--dir', join(folder, 'none'), '--format'];
    const disc = ishmael(['build', yaml, ...to, 'iso-efi']);
    expect(String(disc.stderr)).toContain('iso-efi cannot have "verity: true"');
    rmSync(join(folder, 'own.key'));
    expect(String(ishmael(['build', yaml, ...to, 'raw-efi']).stderr)).toContain(
      '"sign" has a key that cannot be read',
    );
  });
});

it.each([
  ['dynamic-vhd', 'm.vhd', ''],
  ['raw-efi', 'm-efi.img', 'root: {}\nupdates: {}\n'],
])(
  '%s gives the same bytes again',
  (format, name, more) => {
    const yaml = join(folder, 'again.yml');
    writeFileSync(yaml, `${readFileSync(join(CHECKOUT, 'examples/redis.yml'), 'utf8')}${more}`);
    const [one, other] = ['one', 'other'].map((each) => {
      const dir = join(folder, each);
      const words = ['build', yaml, '--quick', '--name', 'm', '--dir', dir, '--format', format];
      expect(ishmael(words, { TZ: each === 'one' ? 'UTC' : 'Asia/Kathmandu' }).status).toBe(0);
      return readFileSync(join(dir, name));
    });
    expect(one?.equals(other ?? Buffer.alloc(0))).toBe(true);
  },
  300_000,
);

it('--size makes a disk of just that size', () => {
  const dir = join(folder, 'sized');
  build(dir, 'raw-efi', '--size', '100M');
  expect(statSync(join(dir, 'redis-efi.img')).size).toBe(100 * MIB);
});
