import type { Sys } from '../../../sys/sys.ts';

/** The kernel's own upper bound for open files (fs.nr_open); services inherit it, as on LinuxKit. */
const OPEN_FILES = 1_048_576;

/** What all processes of the machine inherit, unless a container has `rlimits` of its own. */
export function setLimits(sys: Pick<Sys, 'setLimit'>, coreFiles: boolean): undefined {
  // Soft stays moderate: programs that loop over all possible descriptors take seconds at a million.
  sys.setLimit('nofile', 65_536, OPEN_FILES);
  if (!coreFiles) sys.setLimit('core', 0, 0);
}
