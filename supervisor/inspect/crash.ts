/**
 * The crash of the run before this one, from the files that the boot has saved. Read when somebody asks:
 * PID 1 keeps nothing of it, and neither a re-exec nor a deletion of the files needs to be thought of.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { errnoCode } from '../../sys/errno.ts';
import type { CrashReport } from '../control/api.ts';
import { describeCrash } from './crash-record.ts';

/** In memory as all of /run: who wants the files for longer binds the directory and takes them. */
export const CRASH_DIR = '/run/log/pstore';

/** `undefined` when the run before has left none, or no place to leave one. */
export function lastCrash(directory: string = CRASH_DIR): CrashReport | undefined {
  let names: string[];
  try {
    names = readdirSync(directory).sort();
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const files = names.map((name) => ({
    name,
    text: readFileSync(`${directory}/${name}`, 'utf8'),
    mtimeMs: statSync(`${directory}/${name}`).mtimeMs,
  }));
  const crash = describeCrash(files);
  return crash && { ...crash, files: names.map((name) => `${directory}/${name}`) };
}
