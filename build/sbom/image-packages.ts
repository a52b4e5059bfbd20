/** The packages that went into an image: what its own databases say, or for a component what it was made of. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import { replaceFile } from '../image/blobs.ts';
import type { Image, ImageStore } from '../image/image-store.ts';
import { readFileData } from '../rootfs/file-data.ts';
import { resolvePath } from '../rootfs/resolve.ts';
import type { Tree } from '../rootfs/tree.ts';
import { parseApkInstalled, parseDpkgStatus, parseOsRelease } from './package-databases.ts';
import type { DistroPackage } from './package.ts';

/** Part of the name of what is kept; changes when the same image would give another list. */
const FORM = 'v1';

/** Kept by the image's digest, since reading an image's tree takes longer than all else here. */
export async function imagePackages(
  store: ImageStore,
  image: Image,
): Promise<readonly DistroPackage[]> {
  const path = join(cacheDir(), 'sbom', `${image.digest.replace(':', '-')}.${FORM}.json`);
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  // Our own file, renamed into place whole, under a name that carries its form: taken as it is.
  if (kept !== undefined) return JSON.parse(kept) as readonly DistroPackage[];
  const packages = await packagesOfTree(await store.tree(image));
  await replaceFile(path, JSON.stringify(packages));
  return packages;
}

export async function packagesOfTree(tree: Tree): Promise<readonly DistroPackage[]> {
  const release = (await text(tree, 'etc/os-release')) ?? (await text(tree, 'usr/lib/os-release'));
  const distro = release === undefined ? undefined : parseOsRelease(release);
  const packages: DistroPackage[] = [];
  for (const path of dpkgFiles(tree)) {
    packages.push(...parseDpkgStatus((await text(tree, path)) ?? '', distro ?? 'debian'));
  }
  for (const path of ['lib/apk/db/installed', 'usr/lib/apk/db/installed']) {
    const installed = await text(tree, path);
    if (installed === undefined) continue;
    packages.push(...parseApkInstalled(installed, distro ?? 'alpine'));
    break;
  }
  return packages;
}

function dpkgFiles(tree: Tree): readonly string[] {
  const beside = [...tree.keys()].filter(
    (path) => /^var\/lib\/dpkg\/status\.d\/[^/]+$/u.test(path) && !path.endsWith('.md5sums'),
  );
  return ['var/lib/dpkg/status', ...beside.sort()];
}

async function text(tree: Tree, path: string): Promise<string | undefined> {
  const at = resolvePath(tree, path, 'all');
  const node = at === undefined ? undefined : tree.get(at);
  const file = node?.type === 'hardlink' ? tree.get(node.target) : node;
  return file?.type === 'file' ? Buffer.from(await readFileData(file.data)).toString() : undefined;
}
