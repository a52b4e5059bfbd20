/**
 * The keys of a container that an image may also say in its label `org.mobyproject.config`: all that makes
 * its OCI spec, and `runtime`. None has a default here, since the file's, the label's and the defaults'
 * values come together only when the image is known (settle-container.ts).
 */
import { z } from 'zod';

import type {
  BindMount,
  ContainerMount,
  ContainerResources,
  IdMapping,
  NamespaceMode,
  Rlimit,
  RuntimeSteps,
  SeccompProfile,
  TimeOffset,
  TmpfsMount,
} from '../../runc-shim/oci/container-spec.ts';
import { type DeviceConfig, devices } from './device-values.ts';
import { idMappings, timeOffsets } from './namespace-values.ts';
import { mounts } from './mount-values.ts';
import { text } from './notation.ts';
import { resources } from './resources-schema.ts';
import { runtime } from './runtime-values.ts';
import { seccomp } from './seccomp-values.ts';
import {
  absolutePath,
  bind,
  capabilities,
  filledText,
  namespaceMode,
  permissionBits,
  rlimit,
  tmpfs,
  tmpfsSize,
  userId,
  words,
} from './values.ts';

export interface ContainerSettings {
  /** Replaces the image's entrypoint and command. */
  readonly command?: readonly string[];
  /** Replaces the image's whole environment. */
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly capabilities?: readonly string[];
  readonly 'capabilities.add'?: readonly string[];
  readonly ambient?: readonly string[];
  readonly binds?: readonly BindMount[];
  readonly 'binds.add'?: readonly BindMount[];
  readonly mounts?: readonly ContainerMount[];
  readonly tmpfs?: readonly TmpfsMount[];
  readonly devices?: readonly DeviceConfig[];
  readonly net?: NamespaceMode;
  readonly ipc?: NamespaceMode;
  readonly uts?: NamespaceMode;
  readonly pid?: NamespaceMode;
  readonly userns?: NamespaceMode;
  readonly cgroupns?: NamespaceMode;
  readonly timens?: NamespaceMode;
  readonly timeOffsets?: Readonly<Record<string, TimeOffset>>;
  readonly uidMappings?: readonly IdMapping[];
  readonly gidMappings?: readonly IdMapping[];
  readonly uid?: number | string;
  readonly gid?: number | string;
  readonly additionalGids?: readonly (number | string)[];
  readonly umask?: number;
  readonly readonly?: boolean;
  readonly writableSize?: string;
  readonly noNewPrivileges?: boolean;
  readonly seccomp?: 'default' | 'unconfined' | SeccompProfile;
  readonly apparmor?: string;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly rlimits?: readonly Rlimit[];
  readonly resources?: ContainerResources;
  readonly oomScoreAdj?: number;
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly rootfsPropagation?: string;
  readonly cgroupsPath?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly hostname?: string;
  readonly terminal?: boolean;
  readonly runtime?: RuntimeSteps;
}

const paths = z.array(absolutePath);

/** Numbers, too: `net.ipv4.ip_forward: 1` is one to YAML. */
const textByName = z.record(
  z.string(),
  z.union([z.number().transform(String), text], { error: 'must be a text or a number' }),
);

const shape: { readonly [Key in keyof SettingsShape]: z.ZodType } = {
  command: z.array(text).min(1, 'must not be empty: leave it out to run what the image says'),
  env: z.array(text.regex(/^[^=]+=/, 'must be NAME=VALUE')),
  cwd: absolutePath,
  capabilities,
  'capabilities.add': capabilities,
  ambient: capabilities,
  binds: z.array(bind),
  'binds.add': z.array(bind),
  mounts,
  tmpfs: z.array(tmpfs),
  devices,
  net: namespaceMode,
  ipc: namespaceMode,
  uts: namespaceMode,
  pid: namespaceMode,
  userns: namespaceMode,
  cgroupns: namespaceMode,
  timens: namespaceMode,
  timeOffsets,
  uidMappings: idMappings,
  gidMappings: idMappings,
  uid: userId,
  gid: userId,
  additionalGids: z.array(userId),
  umask: permissionBits,
  readonly: z.boolean(),
  writableSize: tmpfsSize,
  noNewPrivileges: z.boolean(),
  seccomp,
  apparmor: filledText,
  maskedPaths: paths,
  readonlyPaths: paths,
  rlimits: z.array(rlimit),
  resources,
  oomScoreAdj: z
    .int()
    .min(-1000, 'must be from -1000 to 1000')
    .max(1000, 'must be from -1000 to 1000'),
  sysctl: textByName,
  rootfsPropagation: words('private slave shared unbindable rprivate rslave rshared runbindable'),
  cgroupsPath: filledText.regex(
    /^\/?[^/\s:]+(\/[^/\s:]+)*$/,
    'must be a path below the cgroups of the machine, such as /mine/web',
  ),
  annotations: textByName,
  hostname: filledText.max(64, 'must have at most 64 characters'),
  terminal: z.boolean(),
  runtime,
};

type SettingsShape = {
  readonly [Key in keyof ContainerSettings]-?: z.ZodExactOptional<
    z.ZodType<NonNullable<ContainerSettings[Key]>>
  >;
};

/** The same, each of them optional: for a strict object of zod. */
export const settingsShape: SettingsShape = optional();

function optional(): SettingsShape {
  const entries = Object.entries(shape).map(([key, schema]) => [key, z.exactOptional(schema)]);
  return Object.fromEntries(entries) as SettingsShape;
}
