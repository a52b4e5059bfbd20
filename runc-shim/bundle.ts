/**
 * A container's bundle on disk, in memory:
 *
 *   /run/ishmael/bundles/ID/config.json   the OCI spec
 *                           rootfs/       overlay: the image's directory below, `writable` above
 *                           writable/     a tmpfs of its own, upper/ and work/ in it
 *
 * Owns these directories and mounts, nothing of the container that runs in them.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { errnoCode, errorMessage } from '../sys/errno.ts';
import { MNT_DETACH } from '../sys/mount-flags.ts';
import type { Sys } from '../sys/sys.ts';
import { makeDirectories } from './make-directories.ts';
import type { BindMount, ContainerSpec, IdMapping } from './oci/container-spec.ts';
import { generateSpec } from './oci/generate.ts';
import { renderSpec } from './oci/render.ts';
import { prepareSteps } from './runtime-steps.ts';
import { removeTree } from './remove-tree.ts';

export const BUNDLES_DIR = '/run/ishmael/bundles';

export type BundleErrorCode =
  /** The image's directory in the root is missing or empty. */
  | 'rootfs-empty'
  /** The source of a bind does not exist and cannot be made. */
  | 'bind-source'
  | 'mount-failed'
  | 'write-failed'
  /** A mount would not go away; its files are left alone. */
  | 'remove-failed';

/** `path` is what it failed on; `cause` has the errno. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
  readonly code: BundleErrorCode;
  readonly path: string;

  constructor(code: BundleErrorCode, path: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.path = path;
  }
}

export interface BundleRequest {
  /** The container's id for the runtime; unique among all bundles. */
  readonly id: string;
  readonly container: ContainerSpec;
  /** The container's cgroup below the cgroup2 mount. */
  readonly cgroupsPath: string;
}

/**
 * Makes the bundle and returns its path. What an earlier run left under the same id is removed first,
 * so the container starts from its image again. Throws `BundleError` or, for a step of the container's
 * `runtime`, `RuntimeStepError`, and then leaves what it made so far: `removeBundle`, or the next call for this id, clears it away.
 */
export function prepareBundle(
  sys: Sys,
  { id, container, cgroupsPath }: BundleRequest,
  bundlesDir: string = BUNDLES_DIR,
): string {
  const bundle = join(bundlesDir, id);
  const rootMode = checkRootfs(container);
  container.binds.forEach(ensureBindSource);
  makeBundleDir(sys, id, bundlesDir);
  // With ids of its own it is nobody here, and has to pass through on the way to its root.
  if (hasOwnUsers(container))
    attempt('write-failed', bundle, `open ${bundle}`, () => openDirectories(bundle));
  writeConfig(bundle, container, cgroupsPath);
  mountRootfs(sys, bundle, container, rootMode);
  prepareSteps(sys, container.runtime ?? {}, { id, rootfs: join(bundle, 'rootfs') });
  return bundle;
}

/**
 * Makes another container of a bundle that has none at the moment: other arguments, say, with the files
 * that the one before has written. Throws `BundleError`.
 */
export function rewriteBundle(bundle: string, container: ContainerSpec, cgroupsPath: string): void {
  container.binds.forEach(ensureBindSource);
  writeConfig(bundle, container, cgroupsPath);
}

/**
 * Removes the bundle, in whatever state it is. One that does not exist is success. Throws `BundleError`
 * when a mount stays: its files must not be deleted through it.
 */
export function removeBundle(sys: Sys, id: string, bundlesDir: string = BUNDLES_DIR): void {
  const bundle = join(bundlesDir, id);
  for (const target of [join(bundle, 'rootfs'), join(bundle, 'writable')]) {
    attempt('remove-failed', target, `unmount ${target}`, () => {
      unmountIfMounted(sys, target);
    });
  }
  attempt('remove-failed', bundle, `delete ${bundle}`, () => {
    removeTree(bundle);
  });
}

function writeConfig(bundle: string, container: ContainerSpec, cgroupsPath: string): void {
  attempt('write-failed', bundle, `write ${bundle}/config.json`, () => {
    const text = renderSpec(generateSpec(container, { cgroupsPath, arch: process.arch }));
    writeFileSync(join(bundle, 'config.json'), text);
  });
}

interface RootMode {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

function checkRootfs({ name, image, rootfs }: ContainerSpec): RootMode {
  const message = `The root filesystem of ${name} (${image}) at ${rootfs}`;
  try {
    if (readdirSync(rootfs).length > 0) return statSync(rootfs);
  } catch (cause) {
    const why = errnoCode(cause) ?? errorMessage(cause);
    throw new BundleError('rootfs-empty', rootfs, `${message} cannot be read: ${why}`, { cause });
  }
  throw new BundleError('rootfs-empty', rootfs, `${message} is empty`);
}

/**
 * Users of LinuxKit write binds such as /tmp/etc:/etc and expect the source to be there. Whether a
 * missing source was meant as a file cannot be known: it becomes a directory. What the kernel
 * provides is not ours to invent; there the runtime says what is missing.
 */
function ensureBindSource({ source }: BindMount): void {
  if (/^\/(proc|sys|dev)(\/|$)/.test(source) || existsSync(source)) return;
  attempt('bind-source', source, `create the bind source ${source}`, () => {
    makeDirectories(source);
  });
}

function makeBundleDir(sys: Sys, id: string, bundlesDir: string): void {
  const bundle = join(bundlesDir, id);
  const make = (): boolean =>
    attempt('write-failed', bundle, `create ${bundle}`, () => {
      return mkdirSync(bundle, { recursive: true, mode: 0o700 }) !== undefined;
    });
  if (make()) return;
  removeBundle(sys, id, bundlesDir);
  make();
}

/**
 * An overlay for read-only containers as well: the runtime makes the mount points that an image lacks
 * (/dev/mqueue, the destination of a bind) before it remounts the root read-only, and in a plain bind
 * of the machine's own read-only root it could not. The upper side is a tmpfs per container, so that
 * one container that fills its disk does not fill /run, which PID 1 needs.
 *
 * Neither mount is made private. The runtime makes everything a slave in the container's namespace
 * before it pivots, and as shared mounts here they also leave, at removal, the namespaces of
 * containers that have bound / or /run.
 */
function mountRootfs(
  sys: Sys,
  bundle: string,
  { rootfs: lower, writableSize = '50%', uidMappings, gidMappings }: ContainerSpec,
  { mode, ...owner }: RootMode,
): void {
  const uid = outsideId(owner.uid, uidMappings);
  const gid = outsideId(owner.gid, gidMappings);
  const writable = join(bundle, 'writable');
  const upper = join(writable, 'upper');
  const work = join(writable, 'work');
  const rootfs = join(bundle, 'rootfs');
  attempt('mount-failed', rootfs, `mount ${rootfs}`, () => {
    mkdirSync(rootfs);
    mkdirSync(writable);
    sys.mount('tmpfs', writable, 'tmpfs', 0, `mode=700,size=${writableSize}`);
    mkdirSync(upper);
    mkdirSync(work);
    // The root of an overlay has the owner and mode of its upper directory; mkdir's mode is masked.
    chmodSync(upper, mode & 0o7777);
    if (uid !== 0 || gid !== 0) chownSync(upper, uid, gid);
    sys.mount(
      'overlay',
      rootfs,
      'overlay',
      0,
      `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
    );
  });
}

/** Whose file a container's file is outside of it; an id that is not mapped stays what it is. */
function outsideId(id: number, mappings: readonly IdMapping[] = []): number {
  const found = mappings.find(
    ({ containerID, size }) => id >= containerID && id < containerID + size,
  );
  return found === undefined ? id : found.hostID + (id - found.containerID);
}

function hasOwnUsers({ namespaces: { user = 'host' } }: ContainerSpec): boolean {
  return user !== 'host';
}

/** Passing through only: what else lies there stays out of sight, and sockets keep their own mode. */
function openDirectories(bundle: string): void {
  for (const path of [bundle, dirname(bundle), dirname(dirname(bundle))]) {
    const { mode } = statSync(path);
    if ((mode & 0o001) === 0) chmodSync(path, (mode & 0o7777) | 0o011);
  }
}

/** Detached: a process that still has a file open there must not keep the next start waiting. */
function unmountIfMounted(sys: Sys, target: string): void {
  try {
    sys.umount(target, MNT_DETACH);
  } catch (error) {
    const code = errnoCode(error);
    // EINVAL: no mount point, ENOENT: not even a directory. Both are what was wanted.
    if (code !== 'EINVAL' && code !== 'ENOENT') throw error;
  }
}

/** The result of `action`, any failure of it as a BundleError. */
function attempt<T>(code: BundleErrorCode, path: string, what: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw new BundleError(code, path, `Cannot ${what}: ${errorMessage(cause)}`, { cause });
  }
}
