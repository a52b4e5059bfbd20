/** Where the entries of an archive belong. Pure. */
import { CopyError } from './copy-error.ts';

/**
 * The names below the directory that is unpacked into; none for that directory itself. With `rename` the first one
 * of the archive, or its `.`, is called so. Throws `CopyError` for a name that leads out of the directory.
 */
export function entryPath(name: string, rename?: string): readonly string[] {
  const all = name.split('/');
  const parts = all.filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || name.includes('\0')) {
    throw new CopyError(`The archive has an entry ${JSON.stringify(name)}, which leads elsewhere`);
  }
  if (rename === undefined) return parts;
  return [rename, ...(all[0] === '.' ? parts : parts.slice(1))];
}
