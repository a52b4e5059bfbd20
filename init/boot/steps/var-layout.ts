import { mkdirSync, symlinkSync } from 'node:fs';
import { errnoCode } from '../../../sys/errno.ts';

/** What programs take for granted below /var (file-hierarchy(7)), which is empty at each boot. */
const DIRECTORIES: readonly string[] = ['cache', 'lib', 'log', 'spool'];

export function layOutVar(root: string): undefined {
  for (const name of DIRECTORIES) mkdirSync(`${root}/var/${name}`, { recursive: true });
  mkdirSync(`${root}/var/tmp`, { recursive: true, mode: 0o1777 });
  try {
    symlinkSync('../run', `${root}/var/run`);
  } catch (error) {
    if (errnoCode(error) !== 'EEXIST') throw error;
  }
}
