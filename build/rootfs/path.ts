/**
 * The one place where names from archives become tree paths. Archives are untrusted input: a name that
 * climbs out of its root is refused here, so that nothing behind this file has to think about it.
 */
export class UnsafePathError extends Error {
  override readonly name = 'UnsafePathError';
  readonly path: string;

  constructor(path: string, why: string) {
    super(`Refusing the path ${JSON.stringify(path)}: ${why}`);
    this.path = path;
  }
}

/**
 * A tree path (relative, no `.`, `..` or empty part; the root is '') from a name as archives spell it:
 * `./usr/bin/`, `/usr//bin` and `usr/bin` are the same. Throws `UnsafePathError` for `..` and NUL.
 */
export function normalisePath(name: string): string {
  if (name.includes('\0')) throw new UnsafePathError(name, 'it holds a NUL byte');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new UnsafePathError(name, 'it leaves its root through ".."');
  return parts.join('/');
}

/** The path of the directory that holds `path`; '' for a path of one part and for the root itself. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}
