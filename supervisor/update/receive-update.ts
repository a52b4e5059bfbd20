/**
 * Writes an image to the slot that is not in use, and makes it the one that is booted next. Until its file in the boot partition
 * has its name, which is the last thing that happens, what runs now is booted: whenever the power is cut, or the connection.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Sys } from '../../sys/sys.ts';
import type { UpdateTerms } from '../manifest.ts';
import { findBootDisk, rootDevice, withBootPartition } from './boot-partition.ts';
import type { ByteSource } from './byte-source.ts';
import { loaderVariable } from './loader-variable.ts';
import { PeError, signedRanges } from './pe-image.ts';
import { isSignedBy } from './program-signature.ts';
import {
  BOOT_FOLDER,
  bootFileName,
  planUpdate,
  ROOT_SLOTS,
  UNFINISHED,
  UpdateError,
} from './slots.ts';
import type { UpdatePart, UpdateParts } from './update-shapes.ts';

/** Returns the name of the new file. Rejects with `UpdateError` and `CutShortError`, and with errno errors of the disk. */
export async function receiveUpdate(
  sys: Pick<Sys, 'mount' | 'umount' | 'sync'>,
  parts: UpdateParts,
  source: ByteSource,
  { certificate }: Pick<UpdateTerms, 'certificate'>,
): Promise<string> {
  const disk = findBootDisk();
  const slot = freeSlot(parts, disk.partitions);
  return withBootPartition(sys, disk.bootPartition, async (partition) => {
    const folder = `${partition}/${BOOT_FOLDER}`;
    const { file, remove } = planUpdate(
      readdirSync(folder),
      loaderVariable('LoaderEntrySelected') ?? '',
    );
    requireRoom(folder, remove, parts.kernel);
    // What it was updated to before, or what it was updated from: nobody may boot that while its root is written over.
    for (const name of remove) rmSync(`${folder}/${name}`);
    sys.sync();
    const name = bootFileName(file);
    const unfinished = `${folder}/${name}${UNFINISHED}`;
    try {
      await write(unfinished, 'w', parts.kernel, source);
      if (certificate !== undefined) await requireSignature(unfinished, certificate);
      if (slot !== undefined && parts.root !== undefined) {
        await write(slot, 'r+', parts.root, source, PADDING);
      }
      sys.sync();
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    }
    renameSync(unfinished, `${folder}/${name}`);
    return name;
  });
}

/** The partition for the root; `undefined` when the root is part of the kernel's image. */
function freeSlot(
  { root }: UpdateParts,
  partitions: ReadonlyMap<string, string>,
): string | undefined {
  const used = rootDevice();
  const slots = ROOT_SLOTS.flatMap((name) => partitions.get(name) ?? []);
  const free = used === undefined ? undefined : slots.find((slot) => slot !== used);
  if (free === undefined && root === undefined) return undefined;
  if (free === undefined)
    throw new UpdateError('the image has a root for a partition, and this disk has none for it');
  if (root === undefined)
    throw new UpdateError(
      'this machine has its root in a partition, and the image has none for it',
    );
  const size =
    512 * Number(readFileSync(`/sys/class/block/${free.slice('/dev/'.length)}/size`, 'utf8'));
  if (size < root.bytes)
    throw new UpdateError(`the root has ${root.bytes} bytes, and its partition ${size}`);
  return free;
}

function requireRoom(folder: string, remove: readonly string[], { bytes }: UpdatePart): void {
  const { bavail, bsize } = statfsSync(folder);
  const freed = remove.reduce((sum, name) => sum + statSync(`${folder}/${name}`).size, 0);
  const room = bavail * bsize + freed;
  if (room < bytes)
    throw new UpdateError(`the kernel's image has ${bytes} bytes, and there is room for ${room}`);
}

/** Zeros behind a root, so that nothing of an older one seems to belong to it. */
const PADDING = 1_048_576;

/** Firmware with Secure Boot would not start it, and one without does not ask. */
async function requireSignature(path: string, certificate: string): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(Math.min(size, HEAD_BYTES));
    await file.read(head, 0, head.length, 0);
    const { ranges, zeros, certificates } = signedRanges(head, size);
    const hash = createHash('sha256');
    for (const [from, to] of ranges) {
      if (from === to) continue;
      const piece = file.createReadStream({ start: from, end: to - 1, autoClose: false });
      for await (const bytes of piece) hash.update(bytes as Buffer);
    }
    const table = Buffer.alloc(Math.min(certificates.bytes, MOST_SIGNATURES));
    await file.read(table, 0, table.length, certificates.start);
    const digest = hash.update(Buffer.alloc(zeros)).digest();
    if (isSignedBy(new X509Certificate(certificate).publicKey, table, digest)) return;
    throw new UpdateError('the image is not signed with the key of this machine');
  } catch (error) {
    if (error instanceof PeError) throw new UpdateError(error.message, { cause: error });
    throw error;
  } finally {
    await file.close();
  }
}

/** Of a program's headers. */
const HEAD_BYTES = 65_536;
const MOST_SIGNATURES = 1_048_576;

async function write(
  path: string,
  flags: 'w' | 'r+',
  { bytes, sha256 }: UpdatePart,
  source: ByteSource,
  padding = 0,
): Promise<void> {
  const hash = createHash('sha256');
  const file = await open(path, flags);
  try {
    let at = 0;
    await source.take(bytes, async (piece) => {
      hash.update(piece);
      let left = piece;
      while (left.length > 0) {
        const { bytesWritten } = await file.write(left, 0, left.length, at);
        left = left.subarray(bytesWritten);
        at += bytesWritten;
      }
    });
    if (hash.digest('hex') !== sha256) throw new UpdateError('what came is not what was sent');
    if (padding > 0) await pad(file, at, padding);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function pad(
  file: Awaited<ReturnType<typeof open>>,
  at: number,
  bytes: number,
): Promise<void> {
  try {
    await file.write(Buffer.alloc(bytes), 0, bytes, at);
  } catch (error) {
    // The partition ends there.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}
