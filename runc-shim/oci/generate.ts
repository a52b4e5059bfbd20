/**
 * A container's OCI runtime spec from what the manifest says of it. Pure: the same container and
 * context give the same spec, byte for byte. Resolves nothing and checks nothing: the builder did.
 */
import type { ContainerSpec, DeviceRule, NamespaceMode, Rlimit } from './container-spec.ts';
import { givenProcess, placeGivenSpec } from './given-spec.ts';
import { planMounts } from './mounts.ts';
import type {
  LinuxSpec,
  NamespaceSpec,
  ProcessSpec,
  ResourcesSpec,
  RlimitSpec,
  RuntimeSpec,
} from './runtime-spec.ts';
import { seccompSpec } from './seccomp-profile.ts';

/** RLIM_INFINITY of a 64-bit kernel. */
const UNLIMITED = 2n ** 64n - 1n;

export interface SpecContext {
  /** The container's cgroup below the cgroup2 mount, such as `/services/redis`. */
  readonly cgroupsPath: string;
  /** The root filesystem, absolute or relative to the bundle. Default `rootfs`. */
  readonly rootfsPath?: string;
  /** As Node names it; its system calls have other names and other rules. Default `x64`. */
  readonly arch?: string;
}

export function generateSpec(container: ContainerSpec, context: SpecContext): RuntimeSpec {
  const { hostname, annotations, given } = container;
  const rootfsPath = context.rootfsPath ?? 'rootfs';
  if (given !== undefined) {
    return placeGivenSpec(given, container, { rootfsPath, cgroupsPath: context.cgroupsPath });
  }
  return {
    ociVersion: '1.0.2',
    process: programSpec(container),
    root: { path: rootfsPath, readonly: container.readonly },
    ...(hostname === undefined ? {} : { hostname }),
    mounts: planMounts(container),
    ...(annotations === undefined ? {} : { annotations }),
    linux: linuxSpec(container, context),
  };
}

function linuxSpec(container: ContainerSpec, { cgroupsPath, arch }: SpecContext): LinuxSpec {
  const { uidMappings, gidMappings, timeOffsets, devices, sysctl } = container;
  const { rootfsPropagation, maskedPaths, readonlyPaths } = container;
  const seccomp = seccompSpec(container, arch ?? 'x64');
  return {
    cgroupsPath,
    namespaces: namespaces(container),
    resources: resourcesSpec(container),
    ...(uidMappings === undefined ? {} : { uidMappings }),
    ...(gidMappings === undefined ? {} : { gidMappings }),
    ...(timeOffsets === undefined ? {} : { timeOffsets }),
    ...(devices === undefined ? {} : { devices }),
    ...(sysctl === undefined ? {} : { sysctl }),
    ...(rootfsPropagation === undefined ? {} : { rootfsPropagation }),
    ...(maskedPaths === undefined ? {} : { maskedPaths }),
    ...(readonlyPaths === undefined ? {} : { readonlyPaths }),
    ...(seccomp === undefined ? {} : { seccomp }),
  };
}

function resourcesSpec({ resources, devices = [] }: ContainerSpec): ResourcesSpec {
  // runc denies devices that no rule names, crun allows them. Said outright, both deny all but
  // the ones every container has (null, zero, full, random, urandom, tty, ptmx, pts).
  const denyAll = { allow: false, access: 'rwm' };
  const nodes = devices.flatMap(({ type, major, minor }): readonly DeviceRule[] => {
    if (type === 'p') return [];
    return [{ allow: true, type: type === 'u' ? 'c' : type, major, minor, access: 'rwm' }];
  });
  if (resources === undefined) return { devices: [denyAll, ...nodes] };
  const { blockIO, devices: rules, unified } = resources;
  return {
    devices: [denyAll, ...rules, ...nodes],
    ...(blockIO === undefined ? {} : { blockIO }),
    unified,
  };
}

/** What a terminal has that says nothing of its size, and what programs take for granted without one. */
const WINDOW = { height: 24, width: 80 };

/** The container's program. */
function programSpec(container: ContainerSpec): ProcessSpec {
  const spec = processSpec(container);
  return container.terminal === true ? { ...spec, terminal: true, consoleSize: WINDOW } : spec;
}

/** The container's program without its terminal; with other `args`, a command beside or before it. */
export function processSpec(container: ContainerSpec): ProcessSpec {
  const { umask, apparmorProfile, oomScoreAdj, given } = container;
  if (given !== undefined) return givenProcess(given, container);
  return {
    terminal: false,
    user: {
      uid: container.user.uid,
      gid: container.user.gid,
      additionalGids: container.user.additionalGids,
      ...(umask === undefined ? {} : { umask }),
    },
    args: container.args,
    env: container.env,
    cwd: container.cwd,
    capabilities: capabilitySets(container),
    rlimits: container.rlimits.map(rlimitSpec),
    noNewPrivileges: container.noNewPrivileges,
    ...(apparmorProfile === undefined ? {} : { apparmorProfile }),
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
  };
}

/**
 * As LinuxKit does: what is ambient must be permitted and inheritable, or the kernel refuses it. There
 * it is not effective before the first exec; here it is.
 */
function capabilitySets(container: ContainerSpec): ProcessSpec['capabilities'] {
  const { capabilities, ambient, defaults } = container;
  const all = [...new Set([...capabilities, ...ambient])];
  const isLinuxkit = defaults === 'linuxkit';
  const bounding = isLinuxkit ? all.sort() : all;
  return {
    bounding,
    effective: isLinuxkit ? capabilities : bounding,
    permitted: bounding,
    inheritable: bounding,
    ambient,
  };
}

function rlimitSpec({ type, soft, hard }: Rlimit): RlimitSpec {
  return {
    type,
    soft: soft === 'unlimited' ? UNLIMITED : soft,
    hard: hard === 'unlimited' ? UNLIMITED : hard,
  };
}

/**
 * The mount namespace is always new. So is the cgroup namespace: the container sees its own cgroup as
 * the root of /sys/fs/cgroup and not the machine's tree. The exception is a container in the host's pid
 * namespace: it is there to look at the machine, and from inside a cgroup namespace every other
 * process's /proc/PID/cgroup reads `/../..`. (Not for LinuxKit, where it is new for that one, too.)
 */
function namespaces({ namespaces: modes, defaults }: ContainerSpec): NamespaceSpec[] {
  const seesMachine = modes.pid === 'host' && defaults !== 'linuxkit';
  const cgroup: NamespaceMode = modes.cgroup ?? (seesMachine ? 'host' : 'new');
  return [
    { type: 'mount' },
    ...namespace('network', modes.net),
    ...namespace('ipc', modes.ipc),
    ...namespace('uts', modes.uts),
    ...namespace('pid', modes.pid),
    ...namespace('user', modes.user ?? 'host'),
    ...namespace('cgroup', cgroup),
    ...namespace('time', modes.time ?? 'host'),
  ];
}

function namespace(type: NamespaceSpec['type'], mode: NamespaceMode): NamespaceSpec[] {
  if (mode === 'host') return [];
  return mode === 'new' ? [{ type }] : [{ type, path: mode.path }];
}
