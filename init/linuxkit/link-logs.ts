/** Makes the links to logs that LinuxKit's users know, when the tasks have run that may mount another /var/log. */
import { symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeDirectories } from '../../runc-shim/make-directories.ts';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { planLogLinks } from '../../supervisor/linuxkit/log-links.ts';
import { LOG_DIR } from '../../supervisor/log/log-file.ts';
import type { Manifest } from '../../supervisor/manifest.ts';

/** Never throws. @param root for tests */
export function linkLogs(
  manifest: Manifest,
  tell: (severity: 'warning', text: string) => void,
  root = '',
): void {
  if (manifest.from !== 'linuxkit') return;
  for (const { path, target } of planLogLinks(manifest, LOG_DIR)) {
    try {
      makeDirectories(dirname(`${root}${path}`));
      symlinkSync(target, `${root}${path}`);
    } catch (error) {
      // On a disk that was there before, it is the link of the last time.
      if (errnoCode(error) !== 'EEXIST') tell('warning', `${path}: ${errorMessage(error)}`);
    }
  }
}
