/** Which image the machine runs. Read when somebody asks: a hash is nothing that PID 1 needs. */
import { readFileSync } from 'node:fs';
import type { ImageInfo } from '../control/api-machine.ts';
import { type Manifest, MANIFEST_PATH } from '../manifest.ts';
import { readIfThere } from './unless-gone.ts';

export function imageIdentity(name: string, manifestPath: string = MANIFEST_PATH): ImageInfo {
  const manifest = readIfThere(manifestPath);
  const commandLine = readFileSync('/proc/cmdline', 'utf8').trim();
  if (manifest === '') return { name, commandLine };
  const { hash } = process.getBuiltinModule('node:crypto');
  return { name, digest: `sha256:${hash('sha256', manifest, 'hex')}`, commandLine };
}

/**
 * What the image says PID 1 is to run, without the hash of the console's password; `undefined` where there is no
 * manifest, as in a root of LinuxKit's builder, or none that can be read.
 */
export function imageConfig(manifestPath: string = MANIFEST_PATH): Partial<Manifest> | undefined {
  let manifest: Partial<Manifest>;
  try {
    manifest = JSON.parse(readIfThere(manifestPath)) as Partial<Manifest>;
  } catch {
    return undefined;
  }
  if (manifest.console === undefined) return manifest;
  const { password: _, ...console } = manifest.console;
  return { ...manifest, console };
}

/** Where the builder puts it (build/cli/machine-sbom.ts). */
const SBOM_PATH = '/sbom.spdx.json';

/** What the image is made of, as it was built; `undefined` where that was not wanted. */
export function billOfMaterials(path: string = SBOM_PATH): string | undefined {
  const text = readIfThere(path);
  return text === '' ? undefined : text;
}
