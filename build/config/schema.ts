/**
 * The whole configuration file: the one description of its keys. Validation, types, defaults, the lists
 * behind "did you mean" and the check that docs/yaml.md is complete all come from here.
 */
import { z } from 'zod';

import {
  imageReference,
  type OnbootConfig,
  onbootSchema,
  type ServiceConfig,
  serviceSchema,
} from './container-schema.ts';
import { checkNames } from './check-names.ts';
import { type FileConfig, fileSchema } from './file-schema.ts';
import { text } from './notation.ts';
import { problem } from './problem.ts';

/** What `outputs` and `--format` may name. */
export const OUTPUT_FORMATS = ['kernel+initrd'] as const;

export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** A configuration file, valid in itself. Whether its images exist is another question. */
export interface ImageConfigFile {
  readonly kernel: { readonly image: string; readonly cmdline: string };
  /** Images unpacked one over another into the root. */
  readonly init: readonly string[];
  readonly onboot: readonly OnbootConfig[];
  readonly services: readonly ServiceConfig[];
  readonly files: readonly FileConfig[];
  readonly outputs: readonly { readonly format: OutputFormat }[];
}

export const imageConfigSchema: z.ZodType<ImageConfigFile> = z
  .strictObject({
    kernel: z.strictObject({
      image: imageReference,
      cmdline: text.regex(/^[^\n]*$/, 'must be one line').default(''),
    }),
    init: z.array(imageReference).default([]),
    onboot: z.array(onbootSchema).default([]),
    services: z.array(serviceSchema).default([]),
    files: z.array(fileSchema).default([]),
    outputs: z
      .array(z.strictObject({ format: z.enum(OUTPUT_FORMATS) }))
      .default([{ format: 'kernel+initrd' }]),
  })
  .superRefine(
    (config, context) => {
      for (const found of checkNames(config)) context.addIssue(problem(found));
    },
    { when: () => true },
  );
