import { type Dirent, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errnoCode } from '../sys/errno.ts';

/**
 * Removes a directory and all in it, following no symbolic link. What does not exist is success. Throws
 * Node's error of the step that failed, with its errno as `code`: that of `rmSync` has neither the code nor
 * the call (", Unknown error: Too many open files"), and is what a person reads in the log.
 */
export function removeTree(directory: string): void {
  const entries = unlessGone(() => readdirSync(directory, { withFileTypes: true })) ?? [];
  for (const entry of entries) removeEntry(join(directory, entry.name), entry);
  unlessGone(() => rmdirSync(directory));
}

function removeEntry(path: string, entry: Dirent): void {
  if (entry.isDirectory()) removeTree(path);
  else unlessGone(() => unlinkSync(path));
}

function unlessGone<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') throw error;
    return undefined;
  }
}
