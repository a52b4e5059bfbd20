/** One component image from its recipe: unpack, select, add, write. The only step that takes seconds. */
import { mkdir, rm } from 'node:fs/promises';
import type { StoredLayer, WritableImageStore } from '../image/oci-layout.ts';
import type { FileData, Tree } from '../rootfs/tree.ts';
import type { AptState } from './apt-state.ts';
import type { LayerInputs } from './component-key.ts';
import { joinFiles } from './join-files.ts';
import { kernelTree } from './kernel-tree.ts';
import { addFiles, selectTree } from './select.ts';
import { unpackPackages } from './unpack-packages.ts';

/** Writes the layer of packages and files. The same inputs give the same bytes. `workDir` is made and removed. */
export async function buildLayer(
  store: WritableImageStore,
  apt: AptState,
  inputs: LayerInputs,
  workDir: string,
): Promise<StoredLayer> {
  await mkdir(workDir);
  try {
    return await store.writeLayer(await buildTree(apt, inputs, workDir));
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** The layer of one program of ours. */
export async function programLayer(
  store: WritableImageStore,
  path: string,
  data: FileData,
): Promise<StoredLayer> {
  const meta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };
  return await store.writeLayer(new Map([[path, { ...meta, type: 'file', data }]]));
}

async function buildTree(apt: AptState, inputs: LayerInputs, workDir: string): Promise<Tree> {
  const { recipe, packages, sources } = inputs;
  const unpacked: Tree =
    packages.length === 0 ? new Map() : await unpackPackages(apt, packages, recipe.assume, workDir);
  const selected = selectTree(recipe, unpacked);
  if (recipe.kernelModules !== undefined) {
    const choice = { modules: recipe.kernelModules, loaded: recipe.kernelModulesLoaded ?? [] };
    return await kernelTree(selected, choice, workDir);
  }
  const files = new Map<string, FileData>();
  for (const [name, bytes] of sources) files.set(name, { kind: 'bytes', bytes });
  return addFiles(await joinFiles(selected, unpacked, recipe), recipe, files);
}
