/** Files of components that a build takes by itself. */
import type { FileData } from '../../rootfs/tree.ts';
import type { OutputContext } from '../output-context.ts';

/** A boot loader that is not in the store, or lacks a file. */
export class BootLoaderError extends Error {
  override readonly name = 'BootLoaderError';
}

/** A file of a boot loader's component. */
export async function loaderFile(
  { store }: OutputContext,
  reference: string,
  path: string,
): Promise<FileData> {
  const image = await store.find(reference);
  if (image === undefined) throw new BootLoaderError(`There is no image ${reference}`);
  const node = (await store.tree(image)).get(path);
  if (node?.type !== 'file') throw new BootLoaderError(`${reference} has no file ${path}`);
  return node.data;
}
