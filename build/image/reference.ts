/** Names of images. Pure. */

/**
 * The name under which the store keeps a reference: `NAME` means `NAME:latest`; a reference with a tag or
 * a digest stays as it is. No registry is implied: a name without one is a name in the local store.
 */
export function storedName(reference: string): string {
  if (reference.includes('@')) return reference;
  const lastPart = reference.slice(reference.lastIndexOf('/') + 1);
  return lastPart.includes(':') ? reference : `${reference}:latest`;
}

/** The digest a reference pins (`NAME@sha256:…`), if any. */
export function pinnedDigest(reference: string): string | undefined {
  const at = reference.indexOf('@');
  return at === -1 ? undefined : reference.slice(at + 1);
}
