/**
 * Which OCI runtime the root filesystem carries. The image decides by what it contains: there is no
 * setting to get wrong.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian, Alpine and a plain `make install` put them. runc first, when there are both. */
export const RUNTIME_PATHS: readonly string[] = [
  '/usr/bin/runc',
  '/usr/sbin/runc',
  '/usr/local/sbin/runc',
  '/usr/bin/crun',
  '/usr/local/bin/crun',
];

/** @param root for tests. @returns the absolute path, `undefined` when the image has none. */
export function findRuntime(root = '/'): string | undefined {
  return RUNTIME_PATHS.map((path) => join(root, path)).find((path) => existsSync(path));
}
