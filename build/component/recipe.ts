/**
 * What a component image is made of, as data. A recipe says what the image holds, never how it is built:
 * everything in it is part of the key that decides whether an image is built again. What differs between
 * architectures is a word in braces (for-arch.ts).
 */
import type { ArchName } from '../arch.ts';
import type { ImageConfig } from '../image/image-store.ts';
import { LOADER, MULTIARCH } from './for-arch.ts';

export interface Recipe {
  /** The image is `ishmael/NAME`. Also the folder under components/. */
  readonly name: string;
  /** Debian packages to unpack, with their dependencies. */
  readonly packages: readonly string[];
  /** The area of Debian's archive that has them (Debian Policy, 2.2). Default: main. */
  readonly area?: ArchiveArea;
  /**
   * Packages taken as installed already: neither they nor what only they need is fetched. For
   * dependencies that serve a Debian system (maintainer scripts, init scripts), not the program.
   */
  readonly assume: readonly string[];
  /** Globs of the paths that stay, after `/bin`, `/sbin`, `/lib` and `/lib64` became `usr/…`. */
  readonly keep: readonly string[];
  /** More of them, for one architecture. */
  readonly keepOf?: Readonly<Partial<Record<ArchName, readonly string[]>>>;
  readonly add: readonly Addition[];
  /** One file out of all that match the glob, in the order of their names. */
  readonly joined?: { readonly path: string; readonly of: string };
  /**
   * `/lib64` and the like are folders with a link to the loader in them, instead of links to `usr/…`: the kernel unpacks an
   * initramfs in which another image's folder of that name comes later, and a folder there takes the place of a link.
   */
  readonly splitUsr?: true;
  /** Kernel modules to choose; the image is then `kernel` and `kernel.tar`. */
  readonly kernelModules?: readonly string[];
  /** More of them, for one architecture. */
  readonly kernelModulesOf?: Readonly<Partial<Record<ArchName, readonly string[]>>>;
  /** Those of them that are loaded at boot although no device asks for them, by modules-load.d(5). */
  readonly kernelModulesLoaded?: readonly string[];
  /** A program of ours, in a layer of its own: it changes often, the packages under it hardly ever. */
  readonly program?: { readonly path: string; readonly build: ProgramName };
  readonly config: ImageConfig;
}

/** What is not free is taken only where there is nothing else: firmware that a board does not start without. */
export type ArchiveArea = 'main' | 'non-free-firmware';

export type ProgramName = 'ishmael-init';

/** Owned by root, at a fixed time. Paths are relative to the image's root. */
export type Addition =
  | { readonly type: 'directory'; readonly path: string; readonly mode?: number }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string }
  /** `source` is a file beside the recipe. */
  | {
      readonly type: 'file';
      readonly path: string;
      readonly source: string;
      readonly mode?: number;
    };

/** The libraries that every dynamically linked program here needs. */
export const C_LIBRARY: readonly string[] = [LOADER, `usr/lib/${MULTIARCH}/libc.so.6`];

/** Globs for a shared library of the multiarch folder by the name programs ask for, with its link's target. */
export function libraries(...names: readonly string[]): readonly string[] {
  return names.map((name) => `usr/lib/${MULTIARCH}/${name}*`);
}

/** What the machine's own program is linked with, and the packages that have it. */
export const OWN_PROGRAM_PACKAGES: readonly string[] = ['libatomic1', 'libgcc-s1', 'libstdc++6'];
export const OWN_PROGRAM_LIBRARIES: readonly string[] = libraries(
  'libatomic.so.1',
  'libdl.so.2',
  'libgcc_s.so.1',
  'libm.so.6',
  'libpthread.so.0',
  'libstdc++.so.6',
);

export const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a container needs whose program is the machine's own: a copy would double the initrd. For `binds` and `add`. */
export const OWN_PROGRAM_BINDS: readonly string[] = [
  '/init:/init:ro',
  '/usr/lib:/usr/lib:ro',
  '/usr/lib64:/usr/lib64:ro',
];
export const OWN_PROGRAM_FOLDERS: readonly Addition[] = [
  'usr/bin',
  'usr/lib',
  'usr/lib64',
  'usr/sbin',
].map((path) => ({ type: 'directory', path }));

/** Where a container's own mounts go: on a read-only root the runtime could not make them. */
export const CONTAINER_FOLDERS: readonly Addition[] = [
  ...['dev', 'etc', 'proc', 'run', 'sys', 'var'].map((path): Addition => ({
    type: 'directory',
    path,
  })),
  { type: 'directory', path: 'tmp', mode: 0o1777 },
];

/** What a program's package wants of a Debian system around it, and the program does not. */
export const DEBIAN_SYSTEM: readonly string[] = [
  'adduser',
  'debconf',
  'init-system-helpers',
  'openssl-provider-legacy',
];

interface Start {
  readonly entrypoint: readonly string[];
  readonly cmd?: readonly string[];
  readonly env?: readonly string[];
  readonly workingDir?: string;
  readonly stopSignal?: string;
  /** What holds for a container of it unless the YAML says otherwise (docs/yaml.md, on the label of an image). */
  readonly settings: object;
}

/** How a container of the image starts, and with which settings. */
export function containerConfig({
  entrypoint,
  cmd,
  env,
  workingDir,
  stopSignal,
  settings,
}: Start): ImageConfig {
  return {
    entrypoint,
    cmd: cmd ?? [],
    env: env ?? [DEFAULT_PATH],
    workingDir: workingDir ?? '',
    stopSignal: stopSignal ?? '',
    labels: { 'org.mobyproject.config': JSON.stringify(settings) },
  };
}
