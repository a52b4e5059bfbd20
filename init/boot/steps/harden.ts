import type { Sys } from '../../../sys/sys.ts';
import { errnoCode, errorMessage } from '../../../sys/errno.ts';
import type { MachineHardening } from '../../../supervisor/manifest.ts';
import { writeSysctls } from './sysctl.ts';

/**
 * Closes what the machine does not need. One measure that fails keeps no other from being taken; what this kernel
 * does not have cannot be misused either, and is the reason returned. Throws with all that failed.
 */
export function harden(
  sys: Pick<Sys, 'setLimit'>,
  root: string,
  { sysctls, coreFiles }: MachineHardening,
): string | undefined {
  const missing: string[] = [];
  const failed: string[] = [];
  for (const [key, value] of Object.entries(sysctls)) {
    try {
      writeSysctls(root, { [key]: value });
    } catch (error) {
      if (errnoCode(error) === 'ENOENT') missing.push(key);
      else failed.push(`${key}: ${errorMessage(error)}`);
    }
  }
  // Inherited by all that is started from now on; a container's own rlimits count more.
  if (!coreFiles) sys.setLimit('core', 0, 0);
  if (failed.length > 0) throw new Error(failed.join('; '));
  return missing.length === 0 ? undefined : `this kernel has no ${missing.join(', ')}`;
}
