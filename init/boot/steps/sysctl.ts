import { writeFileSync } from 'node:fs';

/** @param values by key with dots: `kernel.panic`. The first that cannot be written throws. */
export function writeSysctls(root: string, values: Readonly<Record<string, string>>): undefined {
  for (const [key, value] of Object.entries(values)) {
    writeFileSync(`${root}/proc/sys/${key.replaceAll('.', '/')}`, value);
  }
}
