/** The images of a YAML file that are no components: had, checked and pinned in the lock beside the file. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoCode } from '../../sys/errno.ts';
import { type Lock, LOCK_FILE, mergeLock, parseLock, renderLock } from '../config/lock-file.ts';
import type { VerifyRule } from '../config/verify-schema.ts';
import { replaceFile } from '../image/blobs.ts';
import { type EnsuredImages, ensureImages } from '../image/ensure-images.ts';
import type { WritableImageStore } from '../image/oci-layout.ts';
import type { RegistryMirror } from '../image/pull-image.ts';
import { createSignatureCheck } from '../image/signature/check-signature.ts';
import type { Progress } from '../progress.ts';

/** How a person wants images to be had; options of `build`. */
export interface FetchOptions {
  readonly locked: boolean;
  readonly offline: boolean;
  readonly refresh: boolean;
  readonly mirrors: readonly RegistryMirror[];
}

export const DEFAULT_FETCH: FetchOptions = {
  locked: false,
  offline: false,
  refresh: false,
  mirrors: [],
};

/** This namespace is ours: what no recipe makes is a mistake, not an image of somebody else. */
export function isOurs(reference: string): boolean {
  return reference.startsWith('ishmael/');
}

/**
 * Has the images of `references` that are not ours, and keeps the lock beside `file` up to date.
 * Rejects with `MissingToolError`, `LockFileError` and errno errors; see `ensureImages`.
 */
export async function fetchImages(
  file: string,
  references: readonly string[],
  store: WritableImageStore,
  options: FetchOptions & { readonly verify: readonly VerifyRule[]; readonly progress: Progress },
): Promise<EnsuredImages> {
  const { verify, ...rest } = options;

  const theirs = references.filter((reference) => !isOurs(reference));
  const path = join(dirname(file), LOCK_FILE);
  const lock = theirs.length === 0 ? new Map() : await readLock(path);
  const signatures = createSignatureCheck(verify, options.progress);
  const ensured = await ensureImages(theirs, { ...rest, store, lock, signatures });
  if (!options.locked && ensured.errors.size === 0) await writeLock(path, lock, ensured.used);
  return ensured;
}

async function readLock(path: string): Promise<Lock> {
  try {
    return parseLock(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return new Map();
    throw error;
  }
}

/** A file that would not change is left alone: it may be in a checkout that nobody may write to. */
async function writeLock(path: string, lock: Lock, used: Lock): Promise<void> {
  const text = renderLock(mergeLock(lock, used));
  if (used.size > 0 && text !== renderLock(lock)) await replaceFile(path, text);
}
