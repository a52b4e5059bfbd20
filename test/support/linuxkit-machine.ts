/** A machine whose root is laid out by LinuxKit's rules, with our init in the place of linuxkit/init. */
import { join } from 'node:path';
import { loadMachine, manifestOf } from '../../build/cli/load-machine.ts';
import { ensureComponents } from '../../build/component/ensure-components.ts';
import { allContainers } from '../../build/config/all-containers.ts';
import type { Image } from '../../build/image/image-store.ts';
import { defaultStore, openImageStore } from '../../build/image/oci-layout.ts';
import { quickSegment } from '../../build/output/initrd-segment.ts';
import { kernelFile, readData } from '../../build/output/machine-trees.ts';
import { readTar } from '../../build/image/layer.ts';
import { volumeTree } from '../../build/output/volume-tree.ts';
import { outputFile, text, writeWhole } from '../../build/output/write-whole.ts';
import type { Tree } from '../../build/rootfs/tree.ts';
import { bundleTrees, imageTree } from './linuxkit-root.ts';

const RESOLV_CONF = '/run/resolvconf/resolv.conf';

/**
 * The parts are unpacked by the kernel one over another, in LinuxKit's order and by the kernel's rules.
 * @param change what is done to the bundles before they are written, and what files are to be there besides; paths are relative
 */
export async function buildLinuxkitMachine(
  file: string,
  { dir, name }: { readonly dir: string; readonly name: string },
  change: (bundles: Tree, files: Tree) => void,
): Promise<void> {
  const store = openImageStore(defaultStore(), 'amd64');
  const loaded = await loadMachine({ file }, undefined, store);
  const { config } = loaded;
  const containers = allContainers(config).map(({ image }) => image);
  await ensureComponents([config.kernel.image, ...config.init, ...containers], {
    progress: () => {},
  });
  // Again, for the images that were only recipes before.
  const { images, ...rest } = await loadMachine({ file }, undefined, store);
  const manifest = manifestOf({ images, ...rest }, name);
  const imageOf = (reference: string): Image => {
    const image = images.get(reference);
    if (image === undefined) throw new Error(`There is no image ${reference}`);
    return image;
  };
  const trees = new Map<string, Tree>();
  for (const [reference, image] of images) trees.set(reference, await store.tree(image));
  const treeOf = (reference: string): Tree => trees.get(reference) ?? new Map();

  const kernel = imageOf(config.kernel.image);
  const kernelTree = treeOf(config.kernel.image);
  const modules = await readTar(
    readData(kernelFile(kernel, kernelTree, 'kernel.tar')),
    join(dir, 'kernel.tar.data'),
  );
  const init = config.init.map((reference) => imageTree(treeOf(reference), '', RESOLV_CONF));
  const volumes: Tree[] = [];
  for (const { name: volume, format, image } of config.volumes) {
    const contents = image === undefined ? {} : { image: imageOf(image) };
    volumes.push(await volumeTree({ name: volume, format, ...contents }, store));
  }
  const bundles = bundleTrees(manifest, ({ image }) => treeOf(image));
  const files: Tree = new Map();
  change(bundles, files);
  const parts = [splitUsr(modules), ...init, ...volumes, bundles, files];
  await writeWhole([
    outputFile({ dir, name }, '-kernel', [
      () => readData(kernelFile(kernel, kernelTree, 'kernel')),
    ]),
    outputFile(
      { dir, name },
      '-initrd.img',
      parts.map((part) => () => quickSegment(part)),
    ),
    outputFile({ dir, name }, '-cmdline', [text(config.kernel.cmdline)]),
  ]);
}

/** As LinuxKit's kernel images have them: in /lib, a directory. */
function splitUsr(modules: Tree): Tree {
  return new Map([...modules].map(([path, node]) => [path.replace(/^usr\//, ''), node]));
}
