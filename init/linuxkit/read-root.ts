/**
 * The root of an image that LinuxKit's own builder has made: no manifest, but
 *
 *   /containers/{onboot,onshutdown}/NNN-NAME/{config.json,runtime.json,rootfs|lower}
 *   /containers/services/NAME/…
 *   /containers/volumes/NAME/{lower,merged,tmp}
 *
 * Reads it as the manifest that says the same.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoCode } from '../../sys/errno.ts';
import { textIfThere } from '../../sys/if-there.ts';
import {
  type BundleFiles,
  onbootOf,
  onshutdownOf,
  serviceOf,
} from '../../supervisor/linuxkit/bundle-task.ts';
import { checkDependencies } from '../../supervisor/linuxkit/check-dependencies.ts';
import {
  DEFAULT_PANIC_TIMEOUT,
  MANIFEST_VERSION,
  type Manifest,
} from '../../supervisor/manifest.ts';
import { type Volume, volumeDir } from '../../supervisor/volume.ts';

const CONTAINERS = '/containers';
const SECTIONS = ['onboot', 'onshutdown', 'services', 'volumes'] as const;

export function isLinuxkitRoot(root = ''): boolean {
  return SECTIONS.some((section) => existsSync(`${root}${CONTAINERS}/${section}`));
}

/** Never throws for what a builder has written: what cannot be understood is a unit that has failed. */
export function readLinuxkitRoot(root = ''): Manifest {
  const onboot = namesIn(root, 'onboot').map((name) =>
    onbootOf(withoutNumber(name), filesOf(root, 'onboot', name)),
  );
  const services = namesIn(root, 'services').map((name) =>
    serviceOf(name, filesOf(root, 'services', name)),
  );
  return {
    version: MANIFEST_VERSION,
    name: 'linuxkit',
    from: 'linuxkit',
    panicTimeout: DEFAULT_PANIC_TIMEOUT,
    onboot,
    services: checkDependencies(onboot, services),
    onshutdown: namesIn(root, 'onshutdown').map((name) =>
      onshutdownOf(withoutNumber(name), filesOf(root, 'onshutdown', name)),
    ),
    volumes: namesIn(root, 'volumes').map((name) => volumeOf(root, name)),
  };
}

/** `NNN-dhcpcd`: the number is the place, which ids have anyhow. */
function withoutNumber(name: string): string {
  return name.replace(/^\d{3}-(?=.)/, '');
}

/** In the order in which LinuxKit goes through them. */
function namesIn(root: string, section: (typeof SECTIONS)[number]): readonly string[] {
  try {
    return readdirSync(`${root}${CONTAINERS}/${section}`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoCode(error) ?? '')) return [];
    throw error;
  }
}

function filesOf(root: string, section: (typeof SECTIONS)[number], name: string): BundleFiles {
  const dir = join(CONTAINERS, section, name);
  return {
    dir,
    read: (file) => textIfThere(`${root}${dir}/${file}`),
    isDirectory: (path) =>
      statSync(`${root}${path}`, { throwIfNoEntry: false })?.isDirectory() === true,
  };
}

/** As LinuxKit's guest sees it: writable where there is a place for what is written. */
function volumeOf(root: string, name: string): Volume {
  return { name, readonly: !existsSync(`${root}${volumeDir(name)}/tmp`) };
}
