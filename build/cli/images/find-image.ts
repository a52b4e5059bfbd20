/** The image of the store that a person means. */
import { type ListedImage, listImages } from '../../image/store-list.ts';
import { storedNames } from '../../image/reference.ts';

export class NoSuchImageError extends Error {
  override readonly name = 'NoSuchImageError';

  constructor(wanted: string) {
    super(`There is no image '${wanted}' in the store; see "ishmael images ls"`);
  }
}

/** By name or by the beginning of a digest, for one architecture or for whichever there is. */
export async function findImages(
  store: string,
  wanted: string,
  architecture: string | undefined,
): Promise<readonly ListedImage[]> {
  const names = storedNames(wanted);
  const hex = /^(?:sha256:)?([0-9a-f]{7,64})$/u.exec(wanted)?.[1];
  const found = (await listImages(store)).filter(
    (image) =>
      (architecture === undefined || image.architecture === architecture) &&
      (names.includes(image.name) ||
        (hex !== undefined && image.digest.startsWith(`sha256:${hex}`))),
  );
  if (found.length === 0) throw new NoSuchImageError(wanted);
  return found;
}
