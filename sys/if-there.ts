/** Files and directories that a machine may not have. Whatever else goes wrong is thrown. */
import { readdirSync, readFileSync } from 'node:fs';
import { errnoCode } from './errno.ts';

/** What is in a file, `undefined` where there is none. */
export function textIfThere(path: string): string | undefined {
  return ifThere(() => readFileSync(path, 'utf8'));
}

/** What is in a directory, `undefined` where there is none. */
export function namesIfThere(directory: string): string[] | undefined {
  return ifThere(() => readdirSync(directory));
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
