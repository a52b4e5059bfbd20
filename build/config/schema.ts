/**
 * The whole configuration file: the one description of its keys. Validation, types, defaults, the lists
 * behind "did you mean" and the check that docs/yaml.md is complete all come from here.
 */
import { z } from 'zod';

import type { ConsolePolicy } from '../../supervisor/console/policy.ts';
import { consolePolicy, hashInReach } from './console-schema.ts';
import {
  type EngineName,
  ENGINES,
  type OnbootConfig,
  onbootSchema,
  type OnshutdownConfig,
  onshutdownSchema,
  type ServiceConfig,
  serviceSchema,
} from './container-schema.ts';
import { checkNames } from './check-names.ts';
import { checkVolumes } from './check-volumes.ts';
import { type FileConfig, fileSchema } from './file-schema.ts';
import { type Defaults, DEFAULTS } from './hardening.ts';
import { type HardeningConfig, hardeningSchema } from './machine-hardening.ts';
import { type RootConfig, rootSchema, type SignConfig, signSchema } from './root-schema.ts';
import { imageReference } from './image-reference.ts';
import { text } from './notation.ts';
import { namesPanic, panic } from './panic-schema.ts';
import { problem } from './problem.ts';
import { checkSyslogNames, syslog, type SyslogConfig } from './syslog-schema.ts';
import { treePath } from './values.ts';
import { type UpdatesConfig, updatesSchema } from './update-schema.ts';
import { type VerifyRule, verifyRules } from './verify-schema.ts';
import { type VolumeConfig, volumeSchema } from './volume-schema.ts';

/** What `outputs` and `--format` may name. */
export const OUTPUT_FORMATS = [
  'kernel+initrd',
  'kernel+squashfs',
  'kernel+erofs',
  'kernel+iso',
  'tar-kernel-initrd',
  'tar',
  'docker',
  'iso-bios',
  'iso-efi',
  'iso-efi-initrd',
  'raw-bios',
  'raw-efi',
  'qcow2-bios',
  'qcow2-efi',
  'vmdk',
  'vhd',
  'dynamic-vhd',
  'gcp',
  'aws',
  'rpi4',
] as const;

export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export interface KernelConfig {
  readonly image: string;
  readonly cmdline: string;
  /** Files of the image. Without `tar` there are no modules, without `ucode` no microcode. */
  readonly binary: string;
  readonly tar?: string | undefined;
  readonly ucode?: string;
}

/** A configuration file, valid in itself. Whether its images exist is another question. */
export interface ImageConfigFile {
  readonly kernel: KernelConfig;
  /** Images unpacked one over another into the root. */
  readonly init: readonly string[];
  /** What holds for containers where the file says nothing. */
  readonly defaults: Defaults;
  /** Measures on the machine itself that are not as `defaults` has them. */
  readonly hardening: HardeningConfig;
  /** Of disks, when it is not in their initrd. */
  readonly root?: RootConfig;
  /** With what the programs that UEFI starts are signed. */
  readonly sign?: SignConfig;
  /** Absent: a disk has room for its one image. */
  readonly updates?: UpdatesConfig;
  /** Who runs the containers of services where they do not say. */
  readonly engine: EngineName;
  /** The kernel's panic timeout; absent where its command line says it. */
  readonly panic?: number;
  readonly console?: ConsolePolicy;
  readonly onboot: readonly OnbootConfig[];
  readonly services: readonly ServiceConfig[];
  readonly onshutdown: readonly OnshutdownConfig[];
  /** Where the logs are sent. */
  readonly syslog: readonly SyslogConfig[];
  readonly volumes: readonly VolumeConfig[];
  readonly files: readonly FileConfig[];
  readonly outputs: readonly { readonly format: OutputFormat }[];
  /** Which images must be signed. */
  readonly verify: readonly VerifyRule[];
}

export const imageConfigSchema: z.ZodType<ImageConfigFile> = z
  .strictObject({
    // Read before the schema sees the file (read-sources.ts): here so that it is a known key.
    include: z.array(text).default([]),
    kernel: z
      .strictObject({
        image: imageReference,
        cmdline: text.regex(/^[^\n]*$/, 'must be one line').default(''),
        binary: treePath.default('kernel'),
        // LinuxKit's words for "no modules".
        tar: z
          .union([z.enum(['none', '']), treePath])
          .default('kernel.tar')
          .transform((file) => (file === 'none' || file === '' ? undefined : file)),
        // In one file of several "" takes back what another one says.
        ucode: z.union([z.literal(''), treePath]).exactOptional(),
      })
      .transform(({ ucode = '', ...kernel }) => (ucode === '' ? kernel : { ...kernel, ucode })),
    init: z.array(imageReference).default([]),
    defaults: z.enum(DEFAULTS).default('hardened'),
    hardening: hardeningSchema.default({}),
    root: rootSchema.exactOptional(),
    sign: signSchema.exactOptional(),
    updates: updatesSchema.exactOptional(),
    engine: z.enum(ENGINES).default('direct'),
    panic: panic.exactOptional(),
    console: consolePolicy.exactOptional(),
    onboot: z.array(onbootSchema).default([]),
    services: z.array(serviceSchema).default([]),
    onshutdown: z.array(onshutdownSchema).default([]),
    syslog: syslog.default([]),
    volumes: z.array(volumeSchema).default([]),
    files: z.array(fileSchema).default([]),
    outputs: z
      .array(z.strictObject({ format: z.enum(OUTPUT_FORMATS) }))
      .default([{ format: 'kernel+initrd' }]),
    verify: verifyRules.default([]),
  })
  .superRefine((config, context) => {
    if (config.panic === undefined || !namesPanic(config.kernel.cmdline)) return;
    const message = '"panic=" is on the kernel command line too: say it in one place';
    context.addIssue(problem({ code: 'conflict', message, path: ['panic'], at: 'key' }));
  })
  .superRefine((config, context) => {
    for (const found of hashInReach(config)) context.addIssue(problem(found));
  })
  .superRefine(
    (config, context) => {
      const found = [...checkNames(config), ...checkSyslogNames(config), ...checkVolumes(config)];
      for (const each of found) context.addIssue(problem(each));
    },
    { when: () => true },
  );
