import { textIfThere } from '../../../sys/if-there.ts';
import type { Sys } from '../../../sys/sys.ts';

/** /etc/hostname decides; an image without one is called by its own name. */
export function setHostname(sys: Sys, root: string, fallback: string): undefined {
  const name = textIfThere(`${root}/etc/hostname`)?.trim() ?? '';
  sys.sethostname(name === '' ? fallback : name);
}
