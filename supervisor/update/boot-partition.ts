/** The disk that this machine was booted from, as the boot manager and the kernel tell (systemd-boot(7), "EFI Variables"). */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { errnoCode } from '../../sys/errno.ts';
import { MS_NODEV, MS_NOEXEC, MS_NOSUID } from '../../sys/mount-flags.ts';
import type { Sys } from '../../sys/sys.ts';
import { GPT_BYTES, parseGpt } from './gpt.ts';
import { loaderVariable } from './loader-variable.ts';
import { UpdateError } from './slots.ts';

const MOUNTED = '/run/ishmael/boot-partition';

export interface BootDisk {
  /** Devices below /dev. */
  readonly bootPartition: string;
  /** By the names of their partitions. */
  readonly partitions: ReadonlyMap<string, string>;
}

/** Throws `UpdateError` when none of the disks is it. */
export function findBootDisk(): BootDisk {
  const guid = loaderVariable('LoaderDevicePartUUID')?.toLowerCase();
  for (const disk of guid === undefined ? [] : readdirSync('/sys/block')) {
    const partitions = parseGpt(headOf(disk));
    const boot = partitions.find((partition) => partition.guid === guid);
    if (boot === undefined) continue;
    const nodes = nodesOf(disk);
    const nodeOf = (number: number): string => `/dev/${nodes.get(number) ?? ''}`;
    return {
      bootPartition: nodeOf(boot.number),
      partitions: new Map(partitions.map(({ name, number }) => [name, nodeOf(number)])),
    };
  }
  throw new UpdateError('there is no disk that this machine was booted from');
}

function headOf(disk: string): Buffer {
  const head = Buffer.alloc(GPT_BYTES);
  try {
    const fd = openSync(`/dev/${disk.replaceAll('!', '/')}`, 'r');
    try {
      return head.subarray(0, readSync(fd, head, 0, head.length, 0));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // A drive with nothing in it.
    if (errnoCode(error) === undefined) throw error;
    return Buffer.alloc(0);
  }
}

/** By their numbers. */
function nodesOf(disk: string): ReadonlyMap<number, string> {
  const nodes = new Map<number, string>();
  for (const name of readdirSync(`/sys/block/${disk}`)) {
    const file = `/sys/block/${disk}/${name}/partition`;
    if (existsSync(file)) nodes.set(Number(readFileSync(file, 'utf8')), name.replaceAll('!', '/'));
  }
  return nodes;
}

/** The device below /dev that the root is on, below what checks it; `undefined` when it is in memory. */
export function rootDevice(): string | undefined {
  const { dev } = statSync('/', { bigint: true });
  const [major, minor] = [(dev >> 8n) & 0xfffn, (dev & 0xffn) | ((dev >> 12n) & 0xfff00n)];
  const folder = `/sys/dev/block/${major}:${minor}`;
  if (!existsSync(folder)) return undefined;
  const below = existsSync(`${folder}/slaves`) ? readdirSync(`${folder}/slaves`) : [];
  const [name = nameOf(folder)] = below;
  return `/dev/${name.replaceAll('!', '/')}`;
}

function nameOf(folder: string): string {
  return /^DEVNAME=(.*)$/mu.exec(readFileSync(`${folder}/uevent`, 'utf8'))?.[1] ?? '';
}

/** Mounts the boot partition for as long as `use` takes; what was written is on the disk afterwards. */
export async function withBootPartition<T>(
  sys: Pick<Sys, 'mount' | 'umount' | 'sync'>,
  device: string,
  use: (folder: string) => Promise<T> | T,
): Promise<T> {
  mkdirSync(MOUNTED, { recursive: true });
  sys.mount(device, MOUNTED, 'vfat', MS_NOSUID | MS_NODEV | MS_NOEXEC, 'umask=077');
  try {
    return await use(MOUNTED);
  } finally {
    sys.sync();
    sys.umount(MOUNTED, 0);
  }
}
