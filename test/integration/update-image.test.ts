/** Disk images as sfdisk, mtools and signers make them, read by the two ends of an update. */
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureComponents } from '../../build/component/ensure-components.ts';
import { openImageStore } from '../../build/image/oci-layout.ts';
import { SYSTEMD_BOOT } from '../../build/output/disk/boot-disk.ts';
import { readFileData } from '../../build/rootfs/file-data.ts';
import { DiskImageError, withDiskImage } from '../../build/update/disk-image.ts';
import { gptScript, MIB } from '../../build/output/disk/disk-layout.ts';
import { parseGpt } from '../../supervisor/update/gpt.ts';
import { authenticode, signedRanges } from '../../supervisor/update/pe-image.ts';
import { isSignedBy } from '../../supervisor/update/program-signature.ts';

const NAMES = {
  uuid: (what: string): string =>
    `${{ disk: '1', partition: '2', 'root-a': '3', 'root-b': '4' }[what]}0000000-aaaa-4bbb-8ccc-0123456789ab`,
  volumeId: '12345678',
};
let folder: string;
let disk: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ishmael-update-test-'));
  disk = join(folder, 'disk.img');
  await writeFile(disk, '');
  await truncate(disk, 60 * MIB);
  const roots = ['root-a', 'root-b'].map((name) => ({ name, bytes: 8 * MIB }));
  execFileSync('sfdisk', ['--quiet', disk], {
    input: gptScript(40 * MIB, NAMES, roots),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
});
afterAll(() => rm(folder, { recursive: true }));

it('the table that sfdisk writes is read', async () => {
  const file = await open(disk);
  const head = Buffer.alloc(34 * 512);
  await file.read(head, 0, head.length, 0);
  await file.close();
  expect(parseGpt(head)).toEqual([
    { number: 1, guid: NAMES.uuid('partition'), name: 'boot', start: MIB, bytes: 40 * MIB },
    { number: 2, guid: NAMES.uuid('root-a'), name: 'root-a', start: 41 * MIB, bytes: 8 * MIB },
    { number: 3, guid: NAMES.uuid('root-b'), name: 'root-b', start: 49 * MIB, bytes: 8 * MIB },
  ]);
  expect(parseGpt(Buffer.alloc(34 * 512))).toEqual([]);
  expect(parseGpt(head.subarray(0, 1000))).toEqual([]);
});

describe('withDiskImage()', () => {
  it('takes the kernel, and the root up to its end', async () => {
    execFileSync('mkfs.fat', ['-F', '32', '--offset', '2048', disk, '40960'], { stdio: 'pipe' });
    const kernel = join(folder, 'kernel');
    await writeFile(kernel, 'the kernel');
    const drive = ['-i', `${disk}@@1M`];
    execFileSync('mmd', [...drive, '::EFI', '::EFI/Linux'], { stdio: 'pipe' });
    execFileSync('mcopy', [...drive, kernel, '::EFI/Linux/ishmael-1.efi'], { stdio: 'pipe' });
    const file = await open(disk, 'r+');
    await file.write('a root', 42 * MIB + 5);
    await file.write('not of it', 49 * MIB);
    await file.close();
    const root = Buffer.alloc(2 * MIB);
    root.write('a root', MIB + 5);
    const sha256 = (bytes: Uint8Array | string): string =>
      createHash('sha256').update(bytes).digest('hex');
    await withDiskImage(disk, async ({ parts, bytes, read }) => {
      expect(parts).toEqual({
        kernel: { bytes: 10, sha256: sha256('the kernel') },
        root: { bytes: 2 * MIB, sha256: sha256(root) },
      });
      const pieces: Uint8Array[] = [];
      for await (const piece of read()) pieces.push(piece);
      expect(Buffer.concat(pieces).equals(Buffer.concat([Buffer.from('the kernel'), root]))).toBe(
        true,
      );
      expect(bytes).toBe(10 + 2 * MIB);
    });
  });

  it('says what is no such disk', async () => {
    const none = join(folder, 'none.img');
    await writeFile(none, 'nothing');
    await expect(withDiskImage(none, () => Promise.resolve())).rejects.toThrow(DiskImageError);
    await expect(withDiskImage(none, () => Promise.resolve())).rejects.toThrow('with "updates"');
  });
});

describe('the signature of a program', () => {
  const KEY = '/usr/share/ovmf/PkKek-1-snakeoil.key';
  const CERT = '/usr/share/ovmf/PkKek-1-snakeoil.pem';
  const key = new X509Certificate(execFileSync('cat', [CERT])).publicKey;
  let signed: Buffer;
  let other: Buffer;

  const check = (program: Buffer, by = key): boolean => {
    const { certificates } = signedRanges(program, program.length);
    const table = program.subarray(certificates.start, certificates.start + certificates.bytes);
    return isSignedBy(by, table, authenticode(program));
  };

  beforeAll(async () => {
    const source = join(folder, 'program.efi');
    await writeFile(source, await efiProgram());
    const sign = async (keyFile: string, cert: string, to: string): Promise<Buffer> => {
      const path = join(folder, to);
      const words = ['-h', 'sha256', '-in', source, '-out', path];
      execFileSync('osslsigncode', ['sign', '-key', keyFile, '-certs', cert, ...words], {
        stdio: 'pipe',
      });
      return readFile(path);
    };
    const ours = join(folder, 'ours.key');
    execFileSync('openssl', ['rsa', '-in', KEY, '-passin', 'pass:snakeoil', '-out', ours], {
      stdio: 'pipe',
    });
    signed = await sign(ours, CERT, 'signed.efi');
    const [theirs, cert] = [join(folder, 'theirs.key'), join(folder, 'theirs.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-subj',
        '/CN=x',
        '-keyout',
        theirs,
        '-out',
        cert,
      ],
      { stdio: 'pipe' },
    );
    other = await sign(theirs, cert, 'other.efi');
  });

  it('is that of the key it was made with, as osslsigncode makes it, and of no other', () => {
    expect(check(signed)).toBe(true);
    expect(check(other)).toBe(false);
  });

  it('is none when anything is another than it was', () => {
    const { ranges, certificates } = signedRanges(signed, signed.length);
    const places = [
      ...ranges.map(([from, to]) => Math.floor((from + to) / 2)),
      // In what is signed, and in the signature.
      certificates.start + 100,
      certificates.start + certificates.bytes - 100,
    ];
    for (const at of places) {
      const changed = Buffer.from(signed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(
        safely(() => check(changed)),
        String(at),
      ).toBe(false);
    }
  });

  it('is none where there is none, or half of one', () => {
    expect(isSignedBy(key, Buffer.alloc(0), authenticode(signed))).toBe(false);
    const { certificates } = signedRanges(signed, signed.length);
    const table = signed.subarray(certificates.start, certificates.start + certificates.bytes);
    for (let bytes = 1; bytes < table.length; bytes += 37) {
      expect(isSignedBy(key, table.subarray(0, bytes), authenticode(signed))).toBe(false);
    }
  });

  /** A header that was broken is no program any more. */
  function safely(ask: () => boolean): boolean {
    try {
      return ask();
    } catch {
      return false;
    }
  }

  /** The boot manager, unsigned. */
  async function efiProgram(): Promise<Uint8Array> {
    await ensureComponents([SYSTEMD_BOOT], { progress: () => {} });
    const store = openImageStore();
    const image = await store.find(SYSTEMD_BOOT);
    const tree = image && (await store.tree(image));
    const node = tree?.get('usr/lib/systemd/boot/efi/systemd-bootx64.efi');
    if (node?.type !== 'file') throw new Error('no boot manager');
    return readFileData(node.data);
  }
});
