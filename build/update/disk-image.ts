/** What an update takes out of a disk image: the kernel's image and, where there is one, the file system of the root. */
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GPT_BYTES, type GptPartition, parseGpt } from '../../supervisor/update/gpt.ts';
import { ROOT_SLOTS } from '../../supervisor/update/slots.ts';
import type { UpdatePart, UpdateParts } from '../../supervisor/update/update-shapes.ts';
import { runCommand } from '../host-command.ts';
import { type HostTool, requireTools } from '../host-tools.ts';
import { FIRST_SLOT_PATH } from '../output/disk/boot-disk.ts';
import { PARTITION_START } from '../output/disk/disk-layout.ts';

const MCOPY: HostTool = { command: 'mcopy', package: 'mtools', why: 'read the boot partition' };

export class DiskImageError extends Error {
  override readonly name = 'DiskImageError';
}

export interface DiskImage {
  readonly parts: UpdateParts;
  /** Of all parts. */
  readonly bytes: number;
  /** The parts, one behind the other. */
  readonly read: () => AsyncGenerator<Uint8Array>;
}

/** A part of a file of the host. */
interface Range {
  readonly path: string;
  readonly start: number;
  readonly bytes: number;
}

/** Rejects with `DiskImageError` for what is no raw disk for UEFI with room for updates, and with `MissingToolError`. */
export async function withDiskImage<T>(
  path: string,
  use: (image: DiskImage) => Promise<T>,
): Promise<T> {
  await requireTools([MCOPY]);
  const scratch = await mkdtemp(join(tmpdir(), 'ishmael-update-'));
  try {
    const kernel = join(scratch, 'kernel.efi');
    await copyKernel(path, kernel);
    const root = await rootRange(path);
    const ranges = [{ path: kernel, start: 0, bytes: (await stat(kernel)).size }, ...root];
    const [kernelPart, rootPart] = await Promise.all(ranges.map(describe));
    if (kernelPart === undefined) throw new DiskImageError(`${path} has no kernel`);
    return await use({
      parts: { kernel: kernelPart, ...(rootPart && { root: rootPart }) },
      bytes: ranges.reduce((sum, { bytes }) => sum + bytes, 0),
      async *read() {
        for (const range of ranges) yield* piecesOf(range);
      },
    });
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function copyKernel(path: string, to: string): Promise<void> {
  try {
    const drive = `${path}@@${PARTITION_START}`;
    await runCommand('mcopy', ['-n', '-i', drive, `::${FIRST_SLOT_PATH}`, to], {
      env: { MTOOLS_SKIP_CHECK: '1', MTOOLSRC: '/dev/null' },
    });
  } catch (cause) {
    const message = `${path} is no raw-efi disk of "ishmael build" with "updates"`;
    throw new DiskImageError(message, { cause });
  }
}

async function rootRange(path: string): Promise<readonly Range[]> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(GPT_BYTES);
    await file.read(head, 0, head.length, 0);
    const slot = parseGpt(head).find(({ name }) => name === ROOT_SLOTS[0]);
    if (slot === undefined) return [];
    return [{ path, start: slot.start, bytes: await filledBytes(file, slot) }];
  } finally {
    await file.close();
  }
}

const PIECE = 1_048_576;

/** Up to the last MiB with anything in it: a slot is larger than what is in it. */
async function filledBytes(
  file: Awaited<ReturnType<typeof open>>,
  { start, bytes }: GptPartition,
): Promise<number> {
  const piece = Buffer.alloc(PIECE);
  for (let end = bytes; end > 0; end -= PIECE) {
    const from = Math.max(0, end - PIECE);
    const { bytesRead } = await file.read(piece, 0, end - from, start + from);
    if (piece.subarray(0, bytesRead).some((byte) => byte !== 0)) return end;
  }
  throw new DiskImageError('its root is empty');
}

async function describe(range: Range): Promise<UpdatePart> {
  const hash = createHash('sha256');
  for await (const piece of piecesOf(range)) hash.update(piece);
  return { bytes: range.bytes, sha256: hash.digest('hex') };
}

async function* piecesOf({ path, start, bytes }: Range): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    let at = 0;
    while (at < bytes) {
      const piece = Buffer.alloc(Math.min(PIECE, bytes - at));
      const { bytesRead } = await file.read(piece, 0, piece.length, start + at);
      if (bytesRead === 0) throw new DiskImageError(`${path} ends too early`);
      yield piece.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}
