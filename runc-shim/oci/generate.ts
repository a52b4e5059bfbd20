/**
 * A container's OCI runtime spec from what the manifest says of it. Pure: the same container and
 * context give the same spec, byte for byte. Resolves nothing and checks nothing: the builder did.
 */
import type { ContainerSpec, NamespaceMode, Rlimit } from './container-spec.ts';
import { planMounts } from './mounts.ts';
import type {
  NamespaceSpec,
  ProcessSpec,
  ResourcesSpec,
  RlimitSpec,
  RuntimeSpec,
} from './runtime-spec.ts';

/** RLIM_INFINITY of a 64-bit kernel. */
const UNLIMITED = 2n ** 64n - 1n;

export interface SpecContext {
  /** The container's cgroup below the cgroup2 mount, such as `/services/redis`. */
  readonly cgroupsPath: string;
  /** The root filesystem, absolute or relative to the bundle. Default `rootfs`. */
  readonly rootfsPath?: string;
}

export function generateSpec(container: ContainerSpec, context: SpecContext): RuntimeSpec {
  return {
    ociVersion: '1.0.2',
    process: processSpec(container),
    root: { path: context.rootfsPath ?? 'rootfs', readonly: container.readonly },
    ...(container.hostname === undefined ? {} : { hostname: container.hostname }),
    mounts: planMounts(container),
    linux: {
      cgroupsPath: context.cgroupsPath,
      namespaces: namespaces(container.namespaces),
      resources: resourcesSpec(container),
    },
  };
}

function resourcesSpec({ resources }: ContainerSpec): ResourcesSpec {
  // runc denies devices that no rule names, crun allows them. Said outright, both deny all but
  // the ones every container has (null, zero, full, random, urandom, tty, ptmx, pts).
  const denyAll = { allow: false, access: 'rwm' };
  if (resources === undefined) return { devices: [denyAll] };
  const { blockIO, devices, unified } = resources;
  return {
    devices: [denyAll, ...devices],
    ...(blockIO === undefined ? {} : { blockIO }),
    unified,
  };
}

/** The container's program; with other `args`, a command beside or before it. */
export function processSpec(container: ContainerSpec): ProcessSpec {
  // As LinuxKit does: what is ambient must be permitted and inheritable, or the kernel refuses it.
  const capabilities = [...new Set([...container.capabilities, ...container.ambient])];
  return {
    terminal: false,
    user: {
      uid: container.user.uid,
      gid: container.user.gid,
      additionalGids: container.user.additionalGids,
    },
    args: container.args,
    env: container.env,
    cwd: container.cwd,
    capabilities: {
      bounding: capabilities,
      effective: capabilities,
      permitted: capabilities,
      inheritable: capabilities,
      ambient: container.ambient,
    },
    rlimits: container.rlimits.map(rlimitSpec),
    noNewPrivileges: container.noNewPrivileges,
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
 * The mount namespace is always new. So is the cgroup namespace, which LinuxKit lacks: the container
 * sees its own cgroup as the root of /sys/fs/cgroup and not the machine's tree. The exception is a
 * container in the host's pid namespace: it is there to look at the machine, and from inside a
 * cgroup namespace every other process's /proc/PID/cgroup reads `/../..`.
 */
function namespaces(modes: ContainerSpec['namespaces']): NamespaceSpec[] {
  const cgroup: NamespaceMode = modes.pid === 'host' ? 'host' : 'new';
  return [
    { type: 'mount' },
    ...namespace('network', modes.net),
    ...namespace('ipc', modes.ipc),
    ...namespace('uts', modes.uts),
    ...namespace('pid', modes.pid),
    ...namespace('cgroup', cgroup),
  ];
}

function namespace(type: NamespaceSpec['type'], mode: NamespaceMode): NamespaceSpec[] {
  if (mode === 'host') return [];
  return mode === 'new' ? [{ type }] : [{ type, path: mode.path }];
}
