/** An image of the store as a file or folder of its own, through skopeo. */
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeWhole } from '../output/write-whole.ts';
import type { NodeMeta, Tree } from '../rootfs/tree.ts';
import type { FileSource } from './image-source.ts';
import { writeTar } from './layer.ts';
import { MEDIA_TYPE, REF_NAME } from './oci-format.ts';
import { parseReference, renderReference } from './reference.ts';
import type { ListedImage } from './store-list.ts';
import { copyLocally } from './skopeo.ts';

/** By what `ctr image import` and `linuxkit cache import` name what they find in an archive. */
const IMAGE_NAME = 'io.containerd.image.name';

/**
 * Rejects with `ImageSourceError` or `MissingToolError`. What is in a folder at the destination is skopeo's to judge; an
 * archive is replaced.
 * @param compression `gzip`: layers in what every reader knows, whatever the store has
 */
export async function exportImage(
  store: string,
  image: ListedImage,
  to: FileSource,
  compression: 'as it is' | 'gzip' = 'as it is',
): Promise<void> {
  const { name, architecture } = image;
  const copy = (source: string, target: string, ...args: string[]): Promise<void> =>
    copyLocally(source, target, architecture, name, args);
  const scratch = await mkdtemp(join(tmpdir(), 'ishmael-export-'));
  const layout = join(scratch, 'layout');
  const gzip = compression === 'gzip' ? ['--dest-compress-format=gzip'] : [];
  const tag = to.name ?? name;
  try {
    await writeView(store, image, scratch);
    switch (to.transport) {
      case 'docker-archive':
        // Docker's archives know no zstd, which the layers of our own images have.
        await copy(`oci:${scratch}:image`, `oci:${layout}:image`, '--dest-compress-format=gzip');
        await copy(`oci:${layout}:image`, `docker-archive:${resolve(to.path)}:${tag}`);
        return;
      case 'oci':
        await copy(`oci:${scratch}:image`, `oci:${resolve(to.path)}:${tag}`, ...gzip);
        return;
      case 'oci-archive':
        await copy(`oci:${scratch}:image`, `oci:${layout}:${tag}`, ...gzip);
        await nameImage(layout, name);
        await archive(layout, resolve(to.path));
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** A layout with this one image of the store: names there are not all names that skopeo can say. */
async function writeView(store: string, image: ListedImage, directory: string): Promise<void> {
  await symlink(join(resolve(store), 'blobs'), join(directory, 'blobs'));
  await writeFile(join(directory, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const entry = {
    mediaType: MEDIA_TYPE.manifest,
    digest: image.digest,
    size: image.manifestBytes,
    annotations: { [REF_NAME]: 'image' },
  };
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [entry] };
  await writeFile(join(directory, 'index.json'), JSON.stringify(index));
}

interface Index {
  readonly manifests: readonly { readonly annotations?: Readonly<Record<string, string>> }[];
}

async function nameImage(layout: string, name: string): Promise<void> {
  const reference = parseReference(name);
  if (reference === undefined) return;
  const path = join(layout, 'index.json');
  // skopeo has just written it.
  const index = JSON.parse(await readFile(path, 'utf8')) as Index;
  const manifests = index.manifests.map((entry) => ({
    ...entry,
    annotations: { ...entry.annotations, [IMAGE_NAME]: renderReference(reference) },
  }));
  await writeFile(path, JSON.stringify({ ...index, manifests }));
}

const META: NodeMeta = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };

async function archive(layout: string, path: string): Promise<void> {
  const tree: Tree = new Map();
  for (const entry of await readdir(layout, { recursive: true, withFileTypes: true })) {
    const source = join(entry.parentPath, entry.name);
    const name = source.slice(layout.length + 1);
    if (entry.isDirectory()) {
      tree.set(name, { ...META, mode: 0o755, type: 'directory' });
    } else {
      const { size } = await stat(source);
      tree.set(name, { ...META, type: 'file', data: { kind: 'host-file', path: source, size } });
    }
  }
  await writeWhole([{ path, parts: [() => writeTar(tree)] }]);
}
