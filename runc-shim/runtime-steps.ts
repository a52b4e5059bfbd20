/**
 * What LinuxKit's `runtime` wants done in the machine beside a container: `prepareSteps` before the container
 * is created, `attachSteps` between create and start, when its namespaces are there and its program does not
 * run yet. Nothing of it is undone when the container ends, except what lies in its root: others may be using
 * it. What is there from an earlier run is left or replaced, so that a container can be started again.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { errnoCode, errorMessage } from '../sys/errno.ts';
import { parseMountOptions } from '../sys/mount/options.ts';
import { MNT_DETACH, MS_BIND, MS_REC, MS_REMOUNT } from '../sys/mount-flags.ts';
import { encodeLinkAdd, encodeLinkMove } from '../sys/netlink/link.ts';
import type { Sys } from '../sys/sys.ts';
import { makeDirectories } from './make-directories.ts';
import type { ContainerMount, NetworkInterface, RuntimeSteps } from './oci/container-spec.ts';

/** Which of the machine's own mounts have been made: a mark for each, since a mount can be made twice. */
export const MADE_DIR = '/run/ishmael/made-mounts';

export type RuntimeStepErrorCode = 'mount' | 'mkdir' | 'cgroup' | 'interface' | 'bind-namespace';

/** `target` is what it failed on; `cause` has the errno. */
export class RuntimeStepError extends Error {
  override readonly name = 'RuntimeStepError';
  readonly code: RuntimeStepErrorCode;
  readonly target: string;

  constructor(code: RuntimeStepErrorCode, target: string, message: string, options: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.target = target;
  }
}

export interface StepPlaces {
  /** The container's root filesystem: where relative paths lead. */
  readonly rootfs: string;
  readonly id: string;
  /** For tests. */
  readonly cgroupRoot?: string;
  readonly madeDir?: string;
}

/** In LinuxKit's order: mounts, then directories, which may be in them, then cgroups. */
export function prepareSteps(
  sys: Sys,
  { mounts = [], mkdir = [], cgroups = [] }: RuntimeSteps,
  { rootfs, id, cgroupRoot = '/sys/fs/cgroup', madeDir = MADE_DIR }: StepPlaces,
): void {
  for (const [index, mount] of mounts.entries()) {
    const target = within(rootfs, mount.destination);
    const mark = isAbsolute(mount.destination) ? join(madeDir, `${id}-${index}`) : undefined;
    if (mark !== undefined && existsSync(mark)) continue;
    attempt('mount', target, `mount ${mount.type} on ${target}`, () => {
      makeMount(sys, mount, target);
      if (mark === undefined) return;
      makeDirectories(madeDir);
      writeFileSync(mark, target);
    });
  }
  for (const path of mkdir) {
    const target = within(rootfs, path);
    attempt('mkdir', target, `create ${target}`, () => makeDirectories(target));
  }
  for (const cgroup of cgroups) {
    const target = join(cgroupRoot, cgroup);
    attempt('cgroup', cgroup, `create the cgroup ${cgroup}`, () => makeDirectories(target));
  }
}

/** @param pid the container's first process, which has its namespaces and waits */
export function attachSteps(
  sys: Sys,
  { interfaces = [], bindNS = {} }: RuntimeSteps,
  pid: number,
): void {
  for (const link of interfaces) {
    attempt('interface', link.name, `give it the interface ${link.name}`, () => {
      for (const request of linkRequests(link, pid)) sys.rtnetlink(request);
    });
  }
  for (const [name, path] of Object.entries(bindNS)) {
    attempt('bind-namespace', path, `bind its ${name} namespace to ${path}`, () => {
      makeDirectories(dirname(path));
      detach(sys, path);
      if (!existsSync(path)) writeFileSync(path, '');
      sys.mount(`/proc/${pid}/ns/${name}`, path, '', MS_BIND, '');
    });
  }
}

/**
 * As LinuxKit: a veth and what is to be made in the root is made there and moved, anything else is made where
 * it is to be. It matters to WireGuard, whose own traffic stays in the namespace where it was made.
 */
function linkRequests(link: NetworkInterface, pid: number): readonly Uint8Array[] {
  const { name, peer, createInRoot = false } = link;
  const kind = link.add ?? (peer === undefined ? undefined : 'veth');
  const move = encodeLinkMove(name, pid);
  if (kind === undefined) return [move];
  if (peer !== undefined) return [encodeLinkAdd({ name, kind, peer }), move];
  return createInRoot
    ? [encodeLinkAdd({ name, kind }), move]
    : [encodeLinkAdd({ name, kind, nsPid: pid })];
}

function makeMount(sys: Sys, { type, source, options }: ContainerMount, target: string): void {
  makeDirectories(target);
  for (const option of options) {
    const [, directory] = /^(?:upperdir|workdir)=(.+)$/.exec(option) ?? [];
    if (directory !== undefined) makeDirectories(directory);
  }
  const { flags: stated, data, propagation } = parseMountOptions(options);
  const flags = type === 'bind' ? stated | MS_BIND : stated;
  sys.mount(source, target, type, flags, data);
  // A bind takes no other flags with it: they are set afterwards.
  const more = flags & ~BIND_FLAGS;
  if ((flags & MS_BIND) !== 0 && more !== 0) {
    sys.mount('', target, '', MS_BIND | MS_REMOUNT | more, '');
  }
  for (const flag of propagation) sys.mount('', target, '', flag, '');
}

const BIND_FLAGS = MS_BIND | MS_REC;

/** The namespace of an earlier run; with nobody in it, it ends here. */
function detach(sys: Sys, path: string): void {
  try {
    sys.umount(path, MNT_DETACH);
  } catch (error) {
    const code = errnoCode(error);
    if (code !== 'EINVAL' && code !== 'ENOENT') throw error;
  }
}

function within(rootfs: string, path: string): string {
  return isAbsolute(path) ? path : join(rootfs, join('/', path));
}

function attempt(
  code: RuntimeStepErrorCode,
  target: string,
  what: string,
  action: () => void,
): void {
  try {
    action();
  } catch (cause) {
    const message = `Cannot ${what}: ${errorMessage(cause)}`;
    throw new RuntimeStepError(code, target, message, { cause });
  }
}
