/**
 * The boot as data: named phases of named steps, in order. Reading this file is reading the boot; how
 * each kind of step is done is in steps/, who runs them in run-plan.ts. Pure.
 */
import {
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  MS_BIND,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
} from '../../sys/mount-flags.ts';
import type { MachineHardening } from '../../supervisor/manifest.ts';

export interface BootPhase {
  readonly name: string;
  /**
   * Containers may be created while this phase goes on, but no program in one starts before its end:
   * creating a container takes the runtime as long as finding devices takes us.
   */
  readonly besideCreation?: boolean;
  /** Once it is over, a daemon of the machine has all it stands on, and is started beside the rest. */
  readonly daemonsAfter?: boolean;
  readonly steps: readonly BootStep[];
}

export type BootStep = { readonly name: string } & (
  | { readonly kind: 'make-root-pivotable' }
  | {
      readonly kind: 'mount';
      readonly source: string;
      readonly target: string;
      readonly fstype: string;
      readonly flags: number;
      readonly data: string;
      /** Skipped when this kernel has no such filesystem, instead of failing. */
      readonly optional?: boolean;
      /** Of a kernel that has the filesystem as a module: loaded where there is the mount point, which the kernel makes. */
      readonly module?: string;
    }
  /** Changes flags of an existing mount. */
  | { readonly kind: 'remount'; readonly target: string; readonly flags: number }
  | { readonly kind: 'device-links' }
  | { readonly kind: 'var-layout' }
  | { readonly kind: 'end-own-processes' }
  | { readonly kind: 'cgroups' }
  /** Values by key: `kernel.printk` is /proc/sys/kernel/printk. */
  | {
      readonly kind: 'sysctl';
      readonly values: Readonly<Record<string, string>>;
      /** Skipped when this kernel does not have it, instead of failing. */
      readonly optional?: boolean;
    }
  /** Unless the command line says it. */
  | { readonly kind: 'panic'; readonly timeout: number }
  /** `coreFiles`: as `MachineHardening.coreFiles`. */
  | { readonly kind: 'limits'; readonly coreFiles: boolean }
  | { readonly kind: 'hostname'; readonly fallback: string }
  | { readonly kind: 'resolv-conf' }
  | { readonly kind: 'loopback' }
  | { readonly kind: 'clock' }
  /** These, and what modules-load.d of the root lists. */
  | { readonly kind: 'load-modules'; readonly modules: readonly string[] }
  | { readonly kind: 'coldplug' }
  | { readonly kind: 'disk-links' }
  | { readonly kind: 'pstore' }
);

export interface BootFacts {
  /** The machine's name when the image sets no /etc/hostname. */
  readonly imageName: string;
  /** As `Manifest.panicTimeout`. */
  readonly panicTimeout: number;
  /** As `Manifest.hardening`. */
  readonly hardening?: MachineHardening | undefined;
  /** The boot partition will be written to. */
  readonly hasUpdates?: boolean;
  /** PID 1 was executed again after a crash: what the kernel keeps is in place already. */
  readonly reExecuted: boolean;
}

/**
 * A cold boot, or what is left of it after a re-exec: mounts, modules and kernel settings outlive a
 * process.
 */
export function planBoot(facts: BootFacts): readonly BootPhase[] {
  if (facts.reExecuted) {
    const step = { name: 'end own processes', kind: 'end-own-processes' } as const;
    return [{ name: 'take over', daemonsAfter: true, steps: [step] }];
  }
  return [
    // Before any mount: what is mounted on the old root would stay behind with it.
    { name: 'root', steps: [{ name: 'pivotable root', kind: 'make-root-pivotable' }] },
    { name: 'mounts', steps: [...REQUIRED_MOUNTS, ...OPTIONAL_MOUNTS, ...ROOT_FLAGS] },
    {
      name: 'ground',
      daemonsAfter: true,
      steps: [
        { name: 'device links', kind: 'device-links' },
        { name: '/var layout', kind: 'var-layout' },
        { name: 'cgroups', kind: 'cgroups' },
        { name: 'limits', kind: 'limits', coreFiles: facts.hardening?.coreFiles ?? true },
      ],
    },
    {
      name: 'kernel',
      steps: [
        { name: 'sysctl', kind: 'sysctl', values: SYSCTL },
        ...hardeningSteps(facts),
        { name: 'panic', kind: 'panic', timeout: facts.panicTimeout },
        { name: 'hostname', kind: 'hostname', fallback: facts.imageName },
        { name: 'resolv.conf', kind: 'resolv-conf' },
        { name: 'loopback', kind: 'loopback' },
        { name: 'clock', kind: 'clock' },
        // Containers are overlays; no device ever asks for that module.
        {
          name: 'listed modules',
          kind: 'load-modules',
          modules: ['overlay', ...(facts.hasUpdates === true ? BOOT_PARTITION : [])],
        },
      ],
    },
    {
      name: 'devices',
      besideCreation: true,
      steps: [
        { name: 'coldplug', kind: 'coldplug' },
        { name: 'disk links', kind: 'disk-links' },
        // Input devices are on no bus, so coldplug does not meet the alias that asks for it.
        { name: 'button events', kind: 'load-modules', modules: ['evdev'] },
        // Now that the drivers are there behind which a crashed kernel may have left its last words.
        { name: 'pstore', kind: 'pstore' },
      ],
    },
  ];
}

/** A step each, so that one which this kernel has not, or refuses, keeps no other from being taken. */
function hardeningSteps({ hardening }: BootFacts): readonly BootStep[] {
  return Object.entries(hardening?.sysctls ?? {}).map(([key, value]) => ({
    name: key,
    kind: 'sysctl',
    values: { [key]: value },
    optional: true,
  }));
}

/** Its file system, which nothing else asks for before no module may be loaded any more. */
const BOOT_PARTITION: readonly string[] = ['vfat', 'nls_cp437', 'nls_ascii'];

const SAFE = MS_NOSUID | MS_NODEV | MS_NOEXEC;

function mount(
  fstype: string,
  target: string,
  flags: number,
  data = '',
  optional = false,
): BootStep & { kind: 'mount' } {
  return { name: target, kind: 'mount', source: fstype, target, fstype, flags, data, optional };
}

/**
 * Sizes are LinuxKit's, so that images made for it fit: /run and /tmp 10 %, /var half of memory. Logs
 * have a filesystem of their own: what fills it must not keep a runtime from writing its state to /run.
 */
const REQUIRED_MOUNTS: readonly BootStep[] = [
  mount('proc', '/proc', SAFE),
  mount('sysfs', '/sys', SAFE),
  mount('devtmpfs', '/dev', MS_NOSUID | MS_NOEXEC, 'mode=0755'),
  mount('devpts', '/dev/pts', MS_NOSUID | MS_NOEXEC, 'gid=5,mode=0620,ptmxmode=0666'),
  mount('tmpfs', '/dev/shm', MS_NOSUID | MS_NODEV, 'mode=1777'),
  mount('mqueue', '/dev/mqueue', SAFE),
  mount('tmpfs', '/run', MS_NOSUID | MS_NODEV, 'size=10%,mode=0755'),
  mount('tmpfs', '/run/log', SAFE, 'size=10%,mode=0755'),
  mount('tmpfs', '/tmp', MS_NOSUID | MS_NODEV, 'size=10%,mode=1777'),
  mount('tmpfs', '/var', MS_NOSUID | MS_NODEV, 'size=50%,mode=0755'),
  mount('cgroup2', '/sys/fs/cgroup', SAFE, 'nsdelegate'),
];

const OPTIONAL_MOUNTS: readonly BootStep[] = [
  mount('securityfs', '/sys/kernel/security', SAFE, '', true),
  mount('debugfs', '/sys/kernel/debug', SAFE, 'mode=0700', true),
  mount('configfs', '/sys/kernel/config', SAFE, '', true),
  mount('pstore', '/sys/fs/pstore', SAFE, '', true),
  mount('bpf', '/sys/fs/bpf', SAFE, 'mode=0700', true),
  { ...mount('efivarfs', '/sys/firmware/efi/efivars', SAFE, '', true), module: 'efivarfs' },
  mount('binfmt_misc', '/proc/sys/fs/binfmt_misc', SAFE, '', true),
  mount('selinuxfs', '/sys/fs/selinux', MS_NOSUID | MS_NOEXEC, '', true),
];

const ROOT_FLAGS: readonly BootStep[] = [
  // Shared, so that what a container mounts in a rshared bind of it is seen by the machine.
  { name: 'shared root', kind: 'remount', target: '/', flags: MS_REC | MS_SHARED },
  // The bind's own flag: the initramfs below it has no other users, and stays as it is.
  { name: 'read-only root', kind: 'remount', target: '/', flags: MS_REMOUNT | MS_BIND | MS_RDONLY },
];

const SYSCTL: Readonly<Record<string, string>> = {
  // A kernel that has tripped over itself is not to be trusted with the machine any further.
  'kernel.panic_on_oops': '1',
  // From here on the consoles are for people; what the kernel says below an error is in its log.
  'kernel.printk': '4 4 1 7',
};
