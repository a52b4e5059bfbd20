/**
 * /dev/disk/by-label, by-uuid, by-path and by-id, which a Debian system has from udev. Made when devices have been looked for, and
 * again whenever one comes or goes, or a task that may have made a file system has ended. A disk that does not answer holds up one of Node's four threads, and nobody else:
 * they are read one after another.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { namesIfThere } from '../../sys/if-there.ts';
import { type DiskFacts, planLinks } from './link-names.ts';
import { readSuperblock, type Superblock, SUPERBLOCK_BYTES } from './superblock.ts';

const KINDS = ['by-id', 'by-label', 'by-path', 'by-uuid'];

/** Nothing that a person would call a disk. */
const NO_DISKS = /^(?:fd|loop|nbd|ram|zram)\d/u;

export class DiskLinks {
  private readonly root: string;
  private readonly tell: (severity: 'warning', text: string) => void;
  private running: Promise<void> | undefined;
  private isStale = false;

  constructor(root: string, tell: DiskLinks['tell'] = () => {}) {
    this.root = root;
    this.tell = tell;
  }

  /** For whoever does not wait: what goes wrong is told. */
  refresh(): void {
    this.update().catch((error: unknown) => {
      this.tell('warning', `links in /dev/disk: ${errorMessage(error)}`);
    });
  }

  /** Resolves when the links are as the disks are. Called meanwhile, it looks once more. */
  update(): Promise<void> {
    this.isStale = true;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async run(): Promise<void> {
    while (this.isStale) {
      this.isStale = false;
      const disks: DiskFacts[] = [];
      for (const name of diskNames(this.root)) {
        const facts = await diskFacts(this.root, name);
        if (facts !== undefined) disks.push(facts);
      }
      place(this.root, planLinks(disks));
    }
  }
}

function diskNames(root: string): string[] {
  return readdirSync(`${root}/sys/class/block`)
    .filter((name) => !NO_DISKS.test(name))
    .sort();
}

async function diskFacts(root: string, name: string): Promise<DiskFacts | undefined> {
  const entry = `${root}/sys/class/block/${name}`;
  try {
    // A drive without a medium.
    if (Number(readText(`${entry}/size`)) === 0) return undefined;
    const path = realpathSync(entry).slice(root.length);
    const partition = readText(`${entry}/partition`);
    const disk = partition === undefined ? path : path.slice(0, path.lastIndexOf('/'));
    const read = (file: string): string | undefined => readText(`${root}${disk}/${file}`);
    const node = name.replaceAll('!', '/');
    const serial = read('serial') ?? read('device/serial');
    const model = read('device/model') ?? read('device/name');
    const wwid = read('wwid') ?? read('device/wwid');
    const superblock = await superblockOf(`${root}/dev/${node}`);
    return {
      node,
      sysPath: disk,
      ...(partition !== undefined && { partition: Number(partition) }),
      ...(serial !== undefined && { serial }),
      ...(model !== undefined && { model }),
      ...(wwid !== undefined && { wwid }),
      ...(superblock !== undefined && { superblock }),
    };
  } catch (error) {
    // It went away while it was looked at.
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A disk that cannot be read has its names by place and by serial number all the same. */
async function superblockOf(device: string): Promise<Superblock | undefined> {
  try {
    const file = await open(device);
    try {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(SUPERBLOCK_BYTES),
        0,
        SUPERBLOCK_BYTES,
        0,
      );
      return readSuperblock(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
    return undefined;
  }
}

function place(root: string, links: ReadonlyMap<string, string>): void {
  const base = `${root}/dev/disk`;
  for (const kind of KINDS) {
    const folder = `${base}/${kind}`;
    const wanted = [...links.keys()].filter((name) => name.startsWith(`${kind}/`));
    if (wanted.length > 0) mkdirSync(folder, { recursive: true });
    for (const name of namesIfThere(folder) ?? []) {
      const path = `${folder}/${name}`;
      if (links.get(`${kind}/${name}`) !== readlinkSync(path)) rmSync(path);
    }
    const left = new Set(namesIfThere(folder));
    for (const name of wanted) {
      if (left.has(name.slice(kind.length + 1))) continue;
      symlinkSync(links.get(name) ?? '', `${base}/${name}`);
    }
  }
}

/** A file of sysfs, without the end of its line; `undefined` where there is none. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    // Disks of other kinds have a folder of that name, or a file that answers with an error of its driver's choice.
    if (errnoCode(error) === undefined) throw error;
    return undefined;
  }
}
