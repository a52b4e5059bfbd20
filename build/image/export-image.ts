/** An image of the store as a file or folder of its own, through skopeo. */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { FileSource } from './image-source.ts';
import { MEDIA_TYPE, REF_NAME } from './oci-format.ts';
import type { ListedImage } from './store-list.ts';
import { copyLocally } from './skopeo.ts';

/** Rejects with `ImageSourceError` or `MissingToolError`. What is at the destination is skopeo's to judge. */
export async function exportImage(
  store: string,
  image: ListedImage,
  to: FileSource,
): Promise<void> {
  const { name, architecture } = image;
  const copy = (source: string, target: string, ...args: string[]): Promise<void> =>
    copyLocally(source, target, architecture, name, args);
  const target = `${to.transport}:${resolve(to.path)}:${to.name ?? name}`;
  const scratch = await mkdtemp(join(tmpdir(), 'ishmael-export-'));
  try {
    await writeView(store, image, scratch);
    if (to.transport === 'docker-archive') {
      // Docker's archives know no zstd, which the layers of our own images have.
      const gzip = join(scratch, 'gzip');
      await copy(`oci:${scratch}:image`, `oci:${gzip}:image`, '--dest-compress-format=gzip');
      await copy(`oci:${gzip}:image`, target);
    } else {
      await copy(`oci:${scratch}:image`, target);
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
