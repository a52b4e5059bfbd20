/**
 * The parts of the OCI runtime specification that we produce (config.md and config-linux.md of
 * opencontainers/runtime-spec 1.0.2, the oldest version that both runc 1.1 and crun 1.8 accept).
 * Types only. Property order in the file that results is the order of creation in generate.ts.
 */
import type {
  BlockIoResources,
  ContainerMount,
  DeviceNode,
  DeviceRule,
  IdMapping,
  SeccompProfile,
  TimeOffset,
} from './container-spec.ts';

export interface RuntimeSpec {
  readonly ociVersion: '1.0.2';
  readonly process: ProcessSpec;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly hostname?: string;
  readonly mounts: readonly ContainerMount[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly linux: LinuxSpec;
}

export interface ProcessSpec {
  readonly terminal: boolean;
  /** Of the terminal; nothing without one. */
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: {
    readonly uid: number;
    readonly gid: number;
    readonly additionalGids: readonly number[];
    readonly umask?: number;
  };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: Readonly<Record<CapabilitySet, readonly string[]>>;
  readonly rlimits: readonly RlimitSpec[];
  readonly noNewPrivileges: boolean;
  readonly apparmorProfile?: string;
  readonly oomScoreAdj?: number;
}

export type CapabilitySet = 'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient';

/** `soft` and `hard` are uint64 in the specification, so RLIM_INFINITY needs the bigint. */
export interface RlimitSpec {
  readonly type: string;
  readonly soft: number | bigint;
  readonly hard: number | bigint;
}

export interface LinuxSpec {
  readonly cgroupsPath: string;
  readonly namespaces: readonly NamespaceSpec[];
  readonly resources: ResourcesSpec;
  readonly uidMappings?: readonly IdMapping[];
  readonly gidMappings?: readonly IdMapping[];
  readonly timeOffsets?: Readonly<Record<string, TimeOffset>>;
  readonly devices?: readonly DeviceNode[];
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly rootfsPropagation?: string;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly seccomp?: SeccompProfile;
}

/** `unified` is of 1.1; runc since 1.0 and crun since 0.19 obey it whatever `ociVersion` says. */
export interface ResourcesSpec {
  readonly devices: readonly DeviceRule[];
  readonly blockIO?: BlockIoResources;
  readonly unified?: Readonly<Record<string, string>>;
}

/** Without `path` the namespace is a new one; a namespace not listed is the runtime's own. */
export interface NamespaceSpec {
  readonly type: 'mount' | 'pid' | 'network' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time';
  readonly path?: string;
}
