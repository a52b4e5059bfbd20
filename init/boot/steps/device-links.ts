import { symlinkSync } from 'node:fs';
import { errnoCode } from '../../../sys/errno.ts';

/** What programs expect in /dev beside the kernel's nodes. */
const LINKS: Readonly<Record<string, string>> = {
  fd: '/proc/self/fd',
  stdin: '/proc/self/fd/0',
  stdout: '/proc/self/fd/1',
  stderr: '/proc/self/fd/2',
};

export function linkDevices(root: string): undefined {
  for (const [name, target] of Object.entries(LINKS)) {
    try {
      symlinkSync(target, `${root}/dev/${name}`);
    } catch (error) {
      if (errnoCode(error) !== 'EEXIST') throw error;
    }
  }
}
