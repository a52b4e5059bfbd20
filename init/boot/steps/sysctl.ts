import { writeFileSync } from 'node:fs';
import { errnoCode } from '../../../sys/errno.ts';

/** @param values by key with dots: `kernel.panic`. The first that cannot be written throws. */
export function writeSysctls(root: string, values: Readonly<Record<string, string>>): undefined {
  for (const [key, value] of Object.entries(values)) {
    writeFileSync(`${root}/proc/sys/${key.replaceAll('.', '/')}`, value);
  }
}

/** The same, but for what this kernel does not have: returns that it has not. */
export function writeKnownSysctls(
  root: string,
  values: Readonly<Record<string, string>>,
): string | undefined {
  try {
    return writeSysctls(root, values);
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return 'this kernel has no such setting';
    throw error;
  }
}
