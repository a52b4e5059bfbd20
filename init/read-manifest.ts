import { existsSync, readFileSync } from 'node:fs';
import { errorMessage } from '../sys/errno.ts';
import {
  DEFAULT_PANIC_TIMEOUT,
  MANIFEST_PATH,
  MANIFEST_VERSION,
  type Manifest,
  parseManifest,
} from '../supervisor/manifest.ts';
import { isLinuxkitRoot, readLinuxkitRoot } from './linuxkit/read-root.ts';

/**
 * The image's manifest, or what says the same in an image of LinuxKit's builder. Without a readable one the machine
 * boots with nothing to run, and says so.
 */
export function readManifest(tell: (severity: 'error', text: string) => void): Manifest {
  try {
    if (!existsSync(MANIFEST_PATH) && isLinuxkitRoot()) return readLinuxkitRoot();
    return parseManifest(readFileSync(MANIFEST_PATH, 'utf8'));
  } catch (error) {
    tell('error', `${MANIFEST_PATH}: ${errorMessage(error)}`);
    return {
      version: MANIFEST_VERSION,
      name: 'ishmael',
      panicTimeout: DEFAULT_PANIC_TIMEOUT,
      onboot: [],
      services: [],
      onshutdown: [],
    };
  }
}
