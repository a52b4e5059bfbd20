/**
 * What the entries of one part in a tar image are made from, as a digest: equal keys mean equal entries, so
 * that a later build may copy them. Pure but for hashing.
 *
 * An archive holds the merged root. A file that a later part wrote over is not in it, so a part may be
 * copied only where everything that may have hidden some of it is the same too. The root's images and the
 * kernel therefore count as a whole; a container's image has a folder of its own; and the `files` of the
 * YAML, which may lie anywhere, count with their names, not with their contents.
 */
import { createHash } from 'node:crypto';
import type { Image } from '../image/image-store.ts';
import { rootSkeleton } from '../rootfs/skeleton.ts';
import type { Tree } from '../rootfs/tree.ts';
import type { MachineParts } from './machine-trees.ts';
import { type VolumeContents, volumeInputs } from './volume-tree.ts';

/** To be raised when the same inputs make other entries. */
const FORMAT = 2;

/** Of `init[0]` and so on, and of `kernel`. */
export function rootKey(parts: MachineParts, location: string): string {
  const { kernel, kernelFiles, init, volumes, files } = parts;
  const { binary, tar, ucode } = kernelFiles;
  // Volumes lie below a folder that an image of the root may have too.
  const beside = volumes.length > 0;
  const images = [kernel, ...init].map(({ digest }) => digest);
  return key(location, binary, tar, ucode, images, beside, shape(rootSkeleton()), shape(files));
}

export function containerKey({ files }: MachineParts, { digest }: Image): string {
  return key('container', digest, shape(files));
}

export function volumeKey({ files }: MachineParts, volume: VolumeContents): string {
  return key('volume', volumeInputs(volume), shape(files));
}

/** Where a tree hides what is under it. */
function shape(tree: Tree): readonly (readonly string[])[] {
  return [...tree]
    .map(([path, node]) => [path, node.type, 'target' in node ? node.target : ''])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
}

function key(...inputs: readonly unknown[]): string {
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, inputs]))
    .digest('hex');
}
