import { readFileSync } from 'node:fs';
import { errnoCode } from '../../../sys/errno.ts';
import type { Sys } from '../../../sys/sys.ts';

/** /etc/hostname decides; an image without one is called by its own name. */
export function setHostname(sys: Sys, root: string, fallback: string): undefined {
  sys.sethostname(readName(`${root}/etc/hostname`) ?? fallback);
}

function readName(path: string): string | undefined {
  try {
    const name = readFileSync(path, 'utf8').trim();
    return name === '' ? undefined : name;
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
