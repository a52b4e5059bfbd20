/** A disk at every moment at which its power could have gone. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PARTITION_START } from '../../../build/output/disk/disk-layout.ts';
import { GPT_BYTES, type GptPartition, parseGpt } from '../../../supervisor/update/gpt.ts';
import { BOOT_FOLDER } from '../../../supervisor/update/slots.ts';
import type { UpdateParts } from '../../../supervisor/update/update-shapes.ts';
import { type LoggedWrite, loggedWrites } from '../../support/write-log.ts';

const SECTOR = 512;
/** A write that changes more than these is the content of a file, and looked at in its middle and at its end. */
const MOST_SECTORS = 64;

/** A QEMU in `folder` that notes what its first disk is written. */
export async function qemuThatLogs(folder: string, disk: string, log: string): Promise<void> {
  const noted = [
    'driver=blklogwrites,node-name=disk0',
    `file.driver=raw,file.file.driver=file,file.file.filename=${disk}`,
    `log.driver=raw,log.file.driver=file,log.file.filename=${log}`,
  ].join(',');
  const script = `#!/bin/sh
for word; do
  shift
  case $word in driver=raw,node-name=disk0,*) word=${noted} ;; esac
  set -- "$@" "$word"
done
truncate -s 0 ${log} && truncate -s 8G ${log}
exec /usr/bin/qemu-system-x86_64 "$@"
`;
  await writeFile(join(folder, 'qemu-system-x86_64'), script, { mode: 0o755 });
}

/** Of an image, what lies on the disk that it is on. */
type Parts = Required<UpdateParts>;

export interface UpdatedDisk {
  /** A copy of the disk as it was; it is written to. */
  readonly path: string;
  readonly log: string;
  /** What it boots, from `slot`, and what it is updated to. */
  readonly before: Parts;
  readonly after: Parts;
  readonly slot: string;
}

/**
 * Makes all writes again, one after the other and sector for sector; and each of those between two flushes as the only one that a
 * disk had carried out. Throws when there is a moment in which what ran before would not be booted, or half of what comes after.
 *
 * @returns how many moments were looked at
 */
export async function checkEveryMoment(disk: UpdatedDisk): Promise<number> {
  const file = await open(disk.path, 'r+');
  try {
    const head = Buffer.alloc(GPT_BYTES);
    await file.read(head, 0, head.length, 0);
    const partitions = parseGpt(head);
    let moments = 0;
    const look = async (): Promise<void> => {
      moments += 1;
      await lookAt(disk, file, partitions);
    };
    await look();
    let unflushed: LoggedWrite[] = [];
    for await (const write of loggedWrites(disk.log)) {
      if (write.bytes.length > 0) unflushed.push(write);
      if (!write.isFlush) continue;
      await carryOut(file, partitions, disk.slot, unflushed, look);
      unflushed = [];
    }
    await carryOut(file, partitions, disk.slot, unflushed, look);
    return moments;
  } finally {
    await file.close();
  }
}

async function carryOut(
  file: FileHandle,
  partitions: readonly GptPartition[],
  slot: string,
  writes: readonly LoggedWrite[],
  look: () => Promise<void>,
): Promise<void> {
  const isBoot = (write: LoggedWrite): boolean => placeOf(partitions, write) === 'boot';
  for (const write of writes.length > 1 ? writes.filter(isBoot) : []) {
    const old = Buffer.alloc(write.bytes.length);
    await file.read(old, 0, old.length, write.start);
    await file.write(write.bytes, 0, write.bytes.length, write.start);
    await look();
    await file.write(old, 0, old.length, write.start);
  }
  for (const write of writes) {
    const place = placeOf(partitions, write);
    if (place !== 'boot') {
      if (place === slot || !place.startsWith('root-')) {
        throw new Error(`${write.bytes.length} bytes were written to ${place} at ${write.start}`);
      }
      await file.write(write.bytes, 0, write.bytes.length, write.start);
      continue;
    }
    const changed = await changedSectors(file, write);
    const step = changed.length <= MOST_SECTORS ? 1 : Math.ceil(changed.length / 2);
    for (let first = 0; first < changed.length; first += step) {
      for (const at of changed.slice(first, first + step)) {
        await file.write(write.bytes, at, SECTOR, write.start + at);
      }
      await look();
    }
  }
}

/** Where in its bytes they are. */
async function changedSectors(file: FileHandle, { start, bytes }: LoggedWrite): Promise<number[]> {
  const old = Buffer.alloc(bytes.length);
  await file.read(old, 0, old.length, start);
  return Array.from({ length: bytes.length / SECTOR }, (_, index) => index * SECTOR).filter(
    (at) => bytes.compare(old, at, at + SECTOR, at, at + SECTOR) !== 0,
  );
}

/** The name of a partition; no write goes into two. */
function placeOf(partitions: readonly GptPartition[], { start, bytes }: LoggedWrite): string {
  const place = partitions.find(
    (each) => start >= each.start && start + bytes.length <= each.start + each.bytes,
  );
  if (place?.start === PARTITION_START) return 'boot';
  return place?.name ?? 'no partition';
}

async function lookAt(
  { path, before, after, slot }: UpdatedDisk,
  file: FileHandle,
  partitions: readonly GptPartition[],
): Promise<void> {
  const drive = ['-i', `${path}@@${PARTITION_START}`];
  const programs = mtools('mdir', '-b', ...drive, `::${BOOT_FOLDER}`)
    .toString()
    .split('\n')
    .filter((line) => /\.efi$/iu.test(line));
  let isThere = false;
  for (const program of programs) {
    const bytes = mtools('mcopy', '-n', ...drive, program, '-');
    // Linux gives a file on FAT its new name before its size. The boot manager passes over what is no program, which the
    // power cut of 340-updates.test.ts shows.
    if (bytes.length === 0) continue;
    const digest = sha256(bytes);
    const isOld = program.endsWith('/ishmael-1.efi');
    isThere ||= isOld;
    if (digest !== (isOld ? before : after).kernel.sha256) throw new Error(`${program} is broken`);
    if (isOld) continue;
    const root = partitions.find(({ name }) => name.startsWith('root-') && name !== slot);
    const content = Buffer.alloc(after.root.bytes);
    await file.read(content, 0, content.length, root?.start ?? 0);
    if (sha256(content) !== after.root.sha256)
      throw new Error(`the root of ${program} is not there`);
  }
  if (!isThere) throw new Error(`what ran before is not there: ${programs.join(', ')}`);
}

export function mtools(command: string, ...words: readonly string[]): Buffer {
  return execFileSync(command, words, {
    env: { ...process.env, MTOOLS_SKIP_CHECK: '1', MTOOLSRC: '/dev/null' },
    maxBuffer: 2 ** 30,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
