/**
 * The two sets of defaults: `linuxkit`, which protects nothing, and `hardened`, which does what container
 * engines do. Pure. Each key of the file counts more than either.
 */
import type { TmpfsMount } from '../../runc-shim/oci/container-spec.ts';

export const DEFAULTS = ['hardened', 'linuxkit'] as const;

export type Defaults = (typeof DEFAULTS)[number];

/** Without a size a tmpfs takes half of the memory; two that are full, and there is none left. */
export const HARDENED_SIZE = '25%';

export interface Hardening {
  readonly noNewPrivileges: boolean;
  readonly seccomp: 'default' | 'unconfined';
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
}

/** As moby and containerd have them (oci/defaults.go, oci/spec.go): what tells of the machine, or of its keys. */
const MASKED: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

const READONLY: readonly string[] = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sysrq-trigger'];

/** All of /proc/sys but /proc/sys/net (proc(5)). */
const SYSCTLS_BUT_NET: readonly string[] = [
  'abi',
  'debug',
  'dev',
  'fs',
  'kernel',
  'user',
  'vm',
].map((name) => `/proc/sys/${name}`);

/**
 * @param capabilities all that the container has: what one of them is for is not taken away again. With
 * CAP_NET_ADMIN the sysctls of the network can be written; with CAP_SYS_ADMIN, which can undo each of the
 * mounts that hide a path, none is hidden.
 */
export function hardening(defaults: Defaults, capabilities: readonly string[]): Hardening {
  if (defaults === 'linuxkit') {
    return {
      noNewPrivileges: false,
      seccomp: 'unconfined',
      maskedPaths: [],
      readonlyPaths: [],
    };
  }
  const hides = !capabilities.includes('CAP_SYS_ADMIN');
  const sysctls = capabilities.includes('CAP_NET_ADMIN') ? SYSCTLS_BUT_NET : ['/proc/sys'];
  return {
    noNewPrivileges: true,
    seccomp: 'default',
    maskedPaths: hides ? MASKED : [],
    readonlyPaths: hides ? [...READONLY, ...sysctls] : [],
  };
}

/** A tmpfs with a size. */
export function hardenedTmpfs(defaults: Defaults, mount: TmpfsMount): TmpfsMount {
  const isSized = mount.options.some((option) => /^(size|nr_blocks)=/.test(option));
  if (defaults === 'linuxkit' || isSized) return mount;
  return { ...mount, options: [...mount.options, `size=${HARDENED_SIZE}`] };
}
