import type { GivenSpec } from './given-spec.ts';

/**
 * What the guest needs to know of one container. The builder resolves everything that needs the image
 * or the YAML (command, environment, working directory), so that the guest only translates.
 * JSON-serialisable; travels inside the manifest.
 */
export interface ContainerSpec {
  readonly name: string;
  /** The image reference as the YAML has it, for people. */
  readonly image: string;
  /** Absolute path of the unpacked image in the guest's root, read-only there. */
  readonly rootfs: string;
  /** Entrypoint and command; never empty. */
  readonly args: readonly string[];
  /** `NAME=value`, the whole environment. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: {
    readonly uid: number;
    readonly gid: number;
    readonly additionalGids: readonly number[];
  };
  /** `CAP_…` names; the process has exactly these (bounding, effective, permitted, inheritable). */
  readonly capabilities: readonly string[];
  /** `CAP_…` names that survive an exec by a user other than root; a subset of `capabilities`. */
  readonly ambient: readonly string[];
  readonly noNewPrivileges: boolean;
  /** A read-only root filesystem. Otherwise writes go to an overlay in memory, lost at stop. */
  readonly readonly: boolean;
  /** How much memory those writes may take, in the words of tmpfs(5). Absent: half of the machine's. */
  readonly writableSize?: string;
  readonly binds: readonly BindMount[];
  readonly tmpfs: readonly TmpfsMount[];
  /** Its /proc shows processes of other users to the group root only (proc(5), `hidepid`). */
  readonly hidesProcesses?: boolean;
  /** Mounts of any other kind; each replaces what the container would have at its destination. */
  readonly mounts?: readonly ContainerMount[];
  readonly namespaces: ContainerNamespaces;
  /** Set only together with a private uts namespace. */
  readonly hostname?: string;
  readonly rlimits: readonly Rlimit[];
  readonly resources?: ContainerResources;
  /** Nodes that are made in the container's /dev, and may be used. */
  readonly devices?: readonly DeviceNode[];
  /** What the container finds empty, and what it cannot write to. */
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  /** Absent: every system call is let through. `default` is the profile of seccomp-profile.ts. */
  readonly seccomp?: 'default' | SeccompProfile;
  /** The name of a profile that the kernel has loaded. */
  readonly apparmorProfile?: string;
  readonly umask?: number;
  /** Standard streams of its program are a terminal's, of its own. */
  readonly terminal?: boolean;
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly oomScoreAdj?: number;
  readonly rootfsPropagation?: string;
  /** The container's cgroup below the cgroup2 mount; absent: the one its kind and name give it. */
  readonly cgroupsPath?: string;
  readonly uidMappings?: readonly IdMapping[];
  readonly gidMappings?: readonly IdMapping[];
  /** How far the clocks of its time namespace are off those of the machine. */
  readonly timeOffsets?: Readonly<Record<string, TimeOffset>>;
  /** What is done beside the container when it is created. */
  readonly runtime?: RuntimeSteps;
  /**
   * `linuxkit`: mounts, namespaces and capability sets as LinuxKit's, without what is added to them
   * otherwise (docs/yaml.md, "Defaults").
   */
  readonly defaults?: 'linuxkit';
  /**
   * The OCI spec of somebody else that this was read from. It holds instead of a generated one; of what is said
   * above, arguments, environment and binds may have been added to. Never in a manifest.
   */
  readonly given?: GivenSpec;
}

export interface ContainerNamespaces {
  readonly net: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly uts: NamespaceMode;
  readonly pid: NamespaceMode;
  /** Absent: `host`. */
  readonly user?: NamespaceMode;
  /** Absent: new, except for a container in the machine's pid namespace. */
  readonly cgroup?: NamespaceMode;
  /** Absent: `host`. */
  readonly time?: NamespaceMode;
}

/** `host` shares PID 1's namespace, `new` is private, `{path}` joins an existing one. */
export type NamespaceMode = 'host' | 'new' | { readonly path: string };

/** A bind mount; `options` as in mount(8), complete (LinuxKit's default is `rw,rbind,rshared`). */
export interface BindMount {
  readonly source: string;
  readonly destination: string;
  readonly options: readonly string[];
}

export interface TmpfsMount {
  readonly destination: string;
  readonly options: readonly string[];
}

/** A mount as in mount(2); `type` is a filesystem's or `bind`. */
export interface ContainerMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface DeviceNode {
  readonly path: string;
  /** `u` is a character device without a buffer, for which the kernel takes `c`. */
  readonly type: 'b' | 'c' | 'u' | 'p';
  readonly major: number;
  readonly minor: number;
  readonly fileMode: number;
}

/** Ids from `containerID` on are those from `hostID` on outside. */
export interface IdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

export interface TimeOffset {
  readonly secs: number;
  readonly nanosecs: number;
}

/** As `linux.seccomp` of the OCI runtime specification. */
export interface SeccompProfile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly flags?: readonly string[];
  readonly syscalls?: readonly SeccompRule[];
}

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompArgument[];
}

export interface SeccompArgument {
  readonly index: number;
  readonly value: number;
  readonly valueTwo?: number;
  readonly op: string;
}

/** LinuxKit's `runtime`: nothing of it is part of the OCI spec. */
export interface RuntimeSteps {
  /** Cgroups to be made, below the cgroup2 mount. */
  readonly cgroups?: readonly string[];
  /** Mounts of the machine, made before the container is; a relative destination is in its root. */
  readonly mounts?: readonly ContainerMount[];
  /** Directories to be made, likewise. */
  readonly mkdir?: readonly string[];
  /** Network interfaces that it gets in its namespace. */
  readonly interfaces?: readonly NetworkInterface[];
  /** Where its namespaces are to be found by others, by `/proc/PID/ns`'s names. */
  readonly bindNS?: Readonly<Partial<Record<NamespaceFile, string>>>;
  /** containerd's namespace; nothing to runc and crun. */
  readonly namespace?: string;
}

export type NamespaceFile = 'cgroup' | 'ipc' | 'mnt' | 'net' | 'pid' | 'user' | 'uts';

export interface NetworkInterface {
  readonly name: string;
  /** The kind of interface to be made: `dummy`, `wireguard`, `veth`, …; absent: it is there and moved. */
  readonly add?: string;
  /** With `veth`: the other end, which stays in the machine's namespace. */
  readonly peer?: string;
  /** Made in the machine's namespace and then moved, where otherwise it is made in the container's. */
  readonly createInRoot?: boolean;
}

/** `type` as in getrlimit(2), `RLIMIT_NOFILE`; `unlimited` is RLIM_INFINITY. */
export interface Rlimit {
  readonly type: string;
  readonly soft: number | 'unlimited';
  readonly hard: number | 'unlimited';
}

/**
 * What the container's cgroup gets, in the words of cgroup v2: the builder has translated OCI's, which are
 * those of v1, because each runtime does so in its own way.
 */
export interface ContainerResources {
  /** Files of the cgroup and what is written to them: `memory.max`, `67108864`. */
  readonly unified: Readonly<Record<string, string>>;
  /** What the runtime must translate itself: which file takes the weight depends on the kernel. */
  readonly blockIO?: BlockIoResources;
  /** Rules beyond "none but what every container has", in order; the last that fits counts. */
  readonly devices: readonly DeviceRule[];
}

/** As `linux.resources.blockIO` of the OCI runtime specification, without what cgroup v2 lacks. */
export interface BlockIoResources {
  /** 10 to 1000. */
  readonly weight?: number;
  readonly weightDevice?: readonly (BlockDevice & { readonly weight: number })[];
  readonly throttleReadBpsDevice?: readonly DeviceRate[];
  readonly throttleWriteBpsDevice?: readonly DeviceRate[];
  readonly throttleReadIOPSDevice?: readonly DeviceRate[];
  readonly throttleWriteIOPSDevice?: readonly DeviceRate[];
}

export interface BlockDevice {
  readonly major: number;
  readonly minor: number;
}

/** Bytes or operations a second. */
export interface DeviceRate extends BlockDevice {
  readonly rate: number;
}

/** Without `type`, `major` or `minor` the rule is about any. */
export interface DeviceRule {
  readonly allow: boolean;
  readonly type?: 'a' | 'b' | 'c';
  readonly major?: number;
  readonly minor?: number;
  /** Letters of `rwm`: read, write, make the node. */
  readonly access: string;
}
