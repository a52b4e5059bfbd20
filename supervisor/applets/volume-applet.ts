/** `volume WISH`: the program of the components `ishmael/volume` and `ishmael/volume-full`, which puts a volume on a disk. */
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseExact } from '../../runc-shim/oci/parse-exact.ts';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import { parseMountinfo } from '../../sys/mount/mountinfo.ts';
import type { DiskWish } from '../disk-volumes/disk-wish.ts';
import { lookAtDisks } from '../disk-volumes/look-at-disks.ts';
import { type DiskWorld, prepareVolume } from '../disk-volumes/prepare-volume.ts';
import { runTool } from '../disk-volumes/run-tool.ts';
import { volumePath } from '../volume.ts';

/** Exit codes: 0 when it is mounted (or swapped to), 1 when it is not, 2 for wrong usage. */
export async function volumeApplet([text, ...more]: readonly string[]): Promise<number> {
  if (text === undefined || more.length > 0) {
    process.stderr.write('Usage: volume WISH, in a task that the builder has written\n');
    return 2;
  }
  const wish = parseExact(text) as DiskWish;
  try {
    await prepareVolume(wish, volumePath(wish.name), createWorld());
    return 0;
  } catch (error) {
    process.stderr.write(`${wish.name}: ${errorMessage(error)}\n`);
    return 1;
  }
}

function createWorld(): DiskWorld {
  const sys = createLinuxSys();
  return {
    run: runTool,
    look: () => lookAtDisks(runTool),
    resolve: nodeOf,
    exists: existsSync,
    freeBehind,
    sizeOf,
    isMounted: (directory) =>
      parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8')).some(
        ({ target }) => target === directory,
      ),
    isSwap: (path) => readFileSync('/proc/swaps', 'utf8').includes(`${realpathSync(path)} `),
    own(directory, { uid, gid, mode }) {
      chownSync(directory, uid, gid);
      chmodSync(directory, mode);
    },
    readKey: (path) => readFileSync(path),
    sync: () => sys.sync(),
    sleep: (ms) => sleep(ms),
    tell: (line) => void process.stdout.write(`${line}\n`),
  };
}

function nodeOf(path: string): string | undefined {
  try {
    return realpathSync(path).replace(/^\/dev\//u, '');
  } catch (error) {
    const code = errnoCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Of whole disks nothing: there is no table that would have to change. */
function freeBehind(node: string): ReturnType<DiskWorld['freeBehind']> {
  const folder = `/sys/class/block/${node.replaceAll('/', '!')}`;
  if (!existsSync(`${folder}/partition`)) return undefined;
  const part = realpathSync(folder);
  const disk = dirname(part);
  const number = (path: string): number => Number(readFileSync(path, 'utf8'));
  const endOf = (each: string): number => number(`${each}/start`) + number(`${each}/size`);
  const end = endOf(part);
  const isLast = readdirSync(disk)
    .map((name) => `${disk}/${name}`)
    .filter((each) => existsSync(`${each}/partition`))
    .every((each) => endOf(each) <= end);
  if (!isLast) return undefined;
  // The second copy of the table is behind it: 33 sectors, which sfdisk(8) keeps free.
  return { number: number(`${folder}/partition`), sectors: number(`${disk}/size`) - end - 33 };
}

/** The kernel counts in sectors of 512 bytes, whatever those of the disk are. */
function sizeOf(path: string): number {
  const name = realpathSync(path).replace(/^\/dev\//u, '');
  return 512 * Number(readFileSync(`/sys/class/block/${name.replaceAll('/', '!')}/size`, 'utf8'));
}
