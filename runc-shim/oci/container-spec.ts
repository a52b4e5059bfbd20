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
  readonly binds: readonly BindMount[];
  readonly tmpfs: readonly TmpfsMount[];
  readonly namespaces: {
    readonly net: NamespaceMode;
    readonly ipc: NamespaceMode;
    readonly uts: NamespaceMode;
    readonly pid: NamespaceMode;
  };
  /** Set only together with a private uts namespace. */
  readonly hostname?: string;
  readonly rlimits: readonly Rlimit[];
  readonly resources?: ContainerResources;
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
