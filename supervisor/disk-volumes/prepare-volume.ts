/**
 * From a wish to a directory that containers can bind: the disk is found or made ready, checked, grown, opened and
 * mounted. Each step leaves what the next boot can go on with, whenever the power is cut.
 */
import { type BlockDevice, chooseDisk, type Decision, unfinishedName } from './choose-disk.ts';
import type { DiskUse, DiskWish } from './disk-wish.ts';
import { formatLuks, openLuks, requireKey } from './luks.ts';
import type { RunTool } from './run-tool.ts';
import { VolumeError } from './volume-error.ts';

/** What the steps need of the machine. */
export interface DiskWorld {
  readonly run: RunTool;
  readonly look: () => Promise<readonly BlockDevice[]>;
  /** The node that a path below /dev leads to; `undefined` when there is none. */
  readonly resolve: (path: string) => string | undefined;
  readonly exists: (path: string) => boolean;
  /** Sectors of 512 bytes behind the partition, up to the end of its disk; `undefined` where another one follows. */
  readonly freeBehind: (
    node: string,
  ) => { readonly number: number; readonly sectors: number } | undefined;
  /** Of a device, in bytes. */
  readonly sizeOf: (path: string) => number;
  readonly isMounted: (directory: string) => boolean;
  readonly isSwap: (path: string) => boolean;
  readonly own: (directory: string, owner: NonNullable<DiskWish['owner']>) => void;
  readonly readKey: (path: string) => Uint8Array;
  /** The writes so far are on the disks. */
  readonly sync: () => void;
  readonly sleep: (ms: number) => Promise<void>;
  readonly tell: (text: string) => void;
}

const LOOK_AGAIN_MS = 500;
/** Before a disk is chosen by what it lacks, those that are slow to appear have so long to do so. */
const QUIET_MS = 2000;
/** Less is not worth a change of the table: partitions begin and end on a MiB. In sectors. */
const WORTHWHILE = 4096;

/** @param directory where it is mounted. Throws `VolumeError` and `ToolError`. */
export async function prepareVolume(
  wish: DiskWish,
  directory: string,
  world: DiskWorld,
): Promise<void> {
  // Whoever starts the task again has it done already.
  if (world.isMounted(directory)) {
    world.tell(`${wish.name} is mounted already`);
    return;
  }
  if (wish.encrypt !== undefined) requireKey(wish.encrypt, world);
  await loadModules(wish, world);
  const decision = await awaitDisk(wish, world);
  const { node, isNew, finish } = await madeReady(wish, decision, world);
  if (wish.grow && !isNew) await growPartition(node, world);
  const device = await open(wish, node, isNew, world);
  if (isNew) await makeFilesystem(wish, device, world);
  if (wish.holds === 'swap') {
    await finish();
    if (!world.isSwap(device)) await world.run('swapon', [device]);
    world.tell(`${wish.name}: ${device} is swapped to`);
    return;
  }
  if (!isNew && wish.fsck) await check(wish, device, world);
  await mount(wish, device, directory, world);
  if (wish.grow && !isNew) await growMounted(wish, device, directory, world);
  if (isNew && wish.owner !== undefined) world.own(directory, wish.owner);
  // Only now: what is found at the next boot is taken as it is.
  await finish();
  world.tell(`${wish.name}: ${device} (${wish.holds}) is mounted`);
}

/** Kernels that have them built in know nothing of them here. */
async function loadModules({ holds, encrypt }: DiskWish, { run }: DiskWorld): Promise<void> {
  const ofFilesystem = holds === 'vfat' ? ['vfat', 'nls_cp437', 'nls_ascii'] : [holds];
  const names = [
    ...(holds === 'swap' ? [] : ofFilesystem),
    ...(encrypt === undefined ? [] : ['dm-crypt', 'xts', 'algif_skcipher']),
  ];
  for (const name of names) await run('modprobe', ['-bq', name], { accept: [0, 1, 2, 255] });
}

type Found = Exclude<Decision, { readonly tag: 'none' }>;

async function awaitDisk(wish: DiskWish, world: DiskWorld): Promise<Found> {
  let left = wish.waitMs;
  let quiet = 0;
  let before = '';
  for (;;) {
    const devices = await world.look();
    const decision = chooseDisk(wish, devices, (path) => world.resolve(path));
    const nodes = devices.map(({ node }) => node).join(' ');
    quiet = nodes === before ? quiet + LOOK_AGAIN_MS : 0;
    before = nodes;
    if (decision.tag === 'none') {
      if (!decision.mayCome || left <= 0) throw new VolumeError(decision.why);
    } else if (!isByExclusion(wish, decision) || quiet >= QUIET_MS) {
      return decision;
    }
    await world.sleep(LOOK_AGAIN_MS);
    left -= LOOK_AGAIN_MS;
  }
}

function isByExclusion({ choice }: DiskWish, { tag }: Found): boolean {
  return tag !== 'use' && (choice.by === 'firstBlank' || choice.by === 'size');
}

interface Ready {
  readonly node: string;
  /** Nothing is in it yet. */
  readonly isNew: boolean;
  /** To be called when something is. */
  readonly finish: () => Promise<void>;
}

async function madeReady(wish: DiskWish, decision: Found, world: DiskWorld): Promise<Ready> {
  const { run, tell } = world;
  const { name } = wish;
  if (decision.tag === 'use') {
    return { node: decision.node, isNew: false, finish: () => Promise.resolve() };
  }
  const { disk } = decision;
  const finish = async (): Promise<void> => {
    world.sync();
    if (disk === undefined) return;
    const quietly = ['--quiet', '--no-tell-kernel'];
    await run('sfdisk', [...quietly, '--part-label', `/dev/${disk}`, '1', name]);
    world.sync();
  };
  if (decision.tag === 'make') return { node: decision.node, isNew: true, finish };
  tell(`${name}: /dev/${decision.disk} is blank and gets a partition`);
  const type = wish.holds === 'swap' ? 'swap' : 'linux';
  await run('sfdisk', ['--quiet', '--wipe', 'never', `/dev/${decision.disk}`], {
    input: `label: gpt\ntype=${type}, name="${unfinishedName(name)}"\n`,
  });
  return { node: await partitionOf(decision.disk, world), isNew: true, finish };
}

/** The kernel makes the node when it has read the new table. */
async function partitionOf(disk: string, world: DiskWorld): Promise<string> {
  const node = /\d$/u.test(disk) ? `${disk}p1` : `${disk}1`;
  for (let waited = 0; !world.exists(`/dev/${node}`); waited += LOOK_AGAIN_MS) {
    if (waited > 10_000) throw new VolumeError(`/dev/${node} has not appeared`);
    await world.sleep(LOOK_AGAIN_MS);
  }
  return node;
}

async function growPartition(node: string, { run, tell, freeBehind }: DiskWorld): Promise<void> {
  const free = freeBehind(node);
  if (free === undefined || free.sectors < WORTHWHILE) return;
  const { number, sectors } = free;
  tell(`/dev/${node} grows by ${Math.floor(sectors / 2048)} MiB`);
  const disk = node.replace(/(?<=\d)p\d+$|(?<=[a-z])\d+$/u, '');
  // Another partition of the disk may be in use, the machine's root for one: the kernel is told of this one alone.
  const quietly = ['--quiet', '--no-reread', '--no-tell-kernel'];
  await run('sfdisk', [...quietly, '-N', String(number), `/dev/${disk}`], {
    input: ', +\n',
  });
  await run('partx', ['--update', '--nr', String(number), `/dev/${disk}`]);
}

/** The device that the file system is on. */
async function open(
  wish: DiskWish,
  node: string,
  isNew: boolean,
  world: DiskWorld,
): Promise<string> {
  const device = `/dev/${node}`;
  if (wish.encrypt === undefined) return device;
  if (isNew) await formatLuks(wish, wish.encrypt, device, world);
  return openLuks(wish, wish.encrypt, device, world);
}

async function makeFilesystem(
  { name, holds }: DiskWish,
  device: string,
  { run, tell }: DiskWorld,
): Promise<void> {
  tell(`${name}: makes ${holds} on ${device}`);
  const [file, ...args] = MAKE[holds](name);
  await run(file, [...args, device]);
}

/** That what was begun before lies there is why all of them are told not to ask. */
const MAKE: Readonly<Record<DiskUse, (label: string) => readonly [string, ...string[]]>> = {
  ext4: (label) => ['mke2fs', '-q', '-F', '-t', 'ext4', '-L', label],
  xfs: (label) => ['mkfs.xfs', '-q', '-f', '-L', label],
  btrfs: (label) => ['mkfs.btrfs', '-q', '-f', '-L', label],
  vfat: (label) => ['mkfs.fat', '-n', label],
  swap: (label) => ['mkswap', '-L', label],
};

/** XFS and Btrfs mend themselves when they are mounted. */
async function check({ holds }: DiskWish, device: string, { run }: DiskWorld): Promise<void> {
  // e2fsck(8), fsck.fat(8): 1 when errors were there, and have been repaired.
  if (holds === 'ext4') await run('e2fsck', ['-p', device], { accept: [0, 1] });
  if (holds === 'vfat') await run('fsck.fat', ['-a', '-w', device], { accept: [0, 1] });
}

async function mount(
  { holds, options, readonly }: DiskWish,
  device: string,
  directory: string,
  { run }: DiskWorld,
): Promise<void> {
  const all = ['nosuid', 'nodev', readonly ? 'ro' : 'rw', ...options].join(',');
  await run('mount', ['-t', holds, '-o', all, device, directory]);
}

/** Each can while it is mounted, and is content when there is nothing to grow into. */
async function growMounted(
  { holds, readonly }: DiskWish,
  device: string,
  directory: string,
  { run, sizeOf }: DiskWorld,
): Promise<void> {
  if (readonly) return;
  if (holds === 'ext4') await run('resize2fs', [device]);
  if (holds === 'xfs') await run('xfs_growfs', ['-d', directory]);
  // The kernel gives no smaller one a new size (btrfs_ioctl_resize).
  if (holds === 'btrfs' && sizeOf(device) >= 256 * 1_048_576) {
    await run('btrfs', ['filesystem', 'resize', 'max', directory]);
  }
}
