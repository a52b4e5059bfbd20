/** The disks and partitions of the machine, and what is on them as blkid(8) knows it. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, realpathSync } from 'node:fs';
import { errnoCode } from '../../sys/errno.ts';
import type { BlockDevice, Contents } from './choose-disk.ts';
import type { RunTool } from './run-tool.ts';

/** Not disks of the machine's, but made of files, memory or other disks; or drives for discs, which nobody keeps anything on. */
const NO_DISKS = /^(?:dm-|fd|loop|md|nbd|ram|sr|zram)\d/u;

const SECTOR = 512;
const MIB = 1_048_576;

export async function lookAtDisks(run: RunTool): Promise<BlockDevice[]> {
  const devices = readdirSync('/sys/class/block')
    .filter((name) => !NO_DISKS.test(name))
    .sort(byName)
    .flatMap((name) => describeDevice(name) ?? []);
  const known = await askBlkid(
    devices.map(({ node }) => `/dev/${node}`),
    run,
  );
  return devices.map((device) => {
    const path = `/dev/${device.node}`;
    const contents = known.get(path) ?? unknownContents(path, device.sizeBytes);
    return { ...device, contents };
  });
}

/** By path. It ends at the first that it does not know: with 2, or with 8 where more than one thing is on it. */
async function askBlkid(
  paths: readonly string[],
  run: RunTool,
): Promise<ReadonlyMap<string, Contents>> {
  const known = new Map<string, Contents>();
  let left = paths;
  while (left.length > 0) {
    const { code, stdout } = await run('blkid', ['-p', '-o', 'export', ...left], {
      accept: [0, 2, 8],
    });
    const said = parseBlkid(stdout);
    for (const [path, contents] of said) if (contents !== undefined) known.set(path, contents);
    if (code === 0) break;
    left = left.slice(left.findIndex((path) => !said.has(path)) + 1);
  }
  return known;
}

/** `vdb` before `vdaa`, `vda2` before `vda10`: in the order in which the kernel counts. */
function byName(one: string, other: string): number {
  const [a, b] = [diskPart(one), diskPart(other)];
  return a.length - b.length || one.localeCompare(other, 'en', { numeric: true });
}

function diskPart(name: string): string {
  return /^(?:nvme|mmcblk)/u.test(name) ? name : name.replace(/\d+$/u, '');
}

/** `undefined` for a drive without a medium, and for what went away meanwhile. */
function describeDevice(name: string): Omit<BlockDevice, 'contents'> | undefined {
  const folder = `/sys/class/block/${name}`;
  try {
    const sizeBytes = Number(readFileSync(`${folder}/size`, 'utf8')) * SECTOR;
    if (sizeBytes === 0) return undefined;
    const uevent = readFileSync(`${folder}/uevent`, 'utf8');
    const partitionName = /^PARTNAME=(.*)$/mu.exec(uevent)?.[1];
    const isPartition = /^DEVTYPE=partition$/mu.test(uevent);
    return {
      node: name.replaceAll('!', '/'),
      sizeBytes,
      isReadOnly: readFileSync(`${folder}/ro`, 'utf8').trim() === '1',
      ...(isPartition && { parent: realpathSync(folder).split('/').at(-2) ?? '' }),
      ...(partitionName !== undefined && { partitionName }),
    };
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** What blkid cannot name. A disk that does not answer is not taken for a blank one. */
function unknownContents(path: string, sizeBytes: number): Contents {
  try {
    return { kind: isZero(path, sizeBytes) ? 'blank' : 'unknown' };
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
    return { kind: 'unknown' };
  }
}

/**
 * What `blkid -p -o export` says of each device: lines such as `TYPE=ext4`, with a backslash before what a shell would not take as
 * it is, and an empty one behind. `undefined` for one of which it only tells where it is.
 */
export function parseBlkid(text: string): ReadonlyMap<string, Contents | undefined> {
  const found = new Map<string, Contents | undefined>();
  for (const block of text.split(/\n\n+/u)) {
    const fields = new Map(
      block.split('\n').map((line) => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1).replaceAll(/\\(.)/gu, '$1')] as const;
      }),
    );
    const path = fields.get('DEVNAME');
    if (path !== undefined) found.set(path, contentsOf(fields));
  }
  return found;
}

function contentsOf(fields: ReadonlyMap<string, string>): Contents | undefined {
  const type = fields.get('TYPE');
  const [label, uuid] = [fields.get('LABEL'), fields.get('UUID')];
  if (type === undefined) return fields.has('PTTYPE') ? { kind: 'table' } : undefined;
  return {
    kind: 'known',
    type,
    ...(label !== undefined && { label }),
    ...(uuid !== undefined && { uuid }),
  };
}

/** Places that are looked at beside both ends: what begins elsewhere has marks of its own all over a disk. */
const SAMPLES = 64;

/**
 * The first 16 MiB, the last MiB and samples between are zeros. Of a disk of which that is true somebody may still have
 * use; but no file system, table, RAID or archive looks like that.
 */
export function isZero(path: string, sizeBytes: number): boolean {
  const fd = openSync(path, 'r');
  try {
    const head = Math.min(16 * MIB, sizeBytes);
    const step = Math.floor(Math.max(0, sizeBytes - head - MIB) / SAMPLES / 4096) * 4096;
    const samples = step === 0 ? [] : Array.from({ length: SAMPLES }, (_, at) => head + at * step);
    return (
      isRangeZero(fd, 0, head) &&
      isRangeZero(fd, Math.max(0, sizeBytes - MIB), sizeBytes) &&
      samples.every((at) => isRangeZero(fd, at, at + 65_536))
    );
  } finally {
    closeSync(fd);
  }
}

function isRangeZero(fd: number, from: number, to: number): boolean {
  const bytes = Buffer.alloc(65_536);
  const zeros = Buffer.alloc(65_536);
  let at = from;
  while (at < to) {
    const count = readSync(fd, bytes, 0, Math.min(bytes.length, to - at), at);
    if (count === 0) return true;
    if (bytes.compare(zeros, 0, count, 0, count) !== 0) return false;
    at += count;
  }
  return true;
}
