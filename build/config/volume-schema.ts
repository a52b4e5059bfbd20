/**
 * One entry of `volumes`: a directory that containers share by name.
 */
import { z } from 'zod';

import { imageReference } from './image-reference.ts';
import { text } from './notation.ts';
import { problem } from './problem.ts';

export interface VolumeConfig {
  readonly name: string;
  /** What is in it; absent: nothing. */
  readonly image?: string;
  readonly readonly: boolean;
  /** `filesystem`: the image's files. `oci`: the image itself, as an OCI layout. */
  readonly format: 'filesystem' | 'oci';
  /** Of an image for several platforms, those that are wanted; absent: the machine's. */
  readonly platforms?: readonly string[];
}

export const VOLUME_NAME: RegExp = /^[a-z0-9_-]+$/;

/** Linux, for that is what all images here are for. */
const PLATFORM = /^linux\/[a-z0-9]+(?:\/[a-z0-9]+)?$/;

export const volumeSchema: z.ZodType<VolumeConfig> = z
  .strictObject({
    name: text.regex(VOLUME_NAME, 'must be small letters, digits, "_" and "-"'),
    image: imageReference.exactOptional(),
    readonly: z.boolean().default(false),
    format: z.enum(['filesystem', 'oci']).default('filesystem'),
    platforms: z
      .array(text.regex(PLATFORM, 'must be such as linux/amd64 or linux/arm/v7'))
      .min(1, 'must not be empty')
      .exactOptional(),
  })
  .superRefine(
    ({ image, format, platforms }, context) => {
      const conflict = (key: string, message: string): void =>
        context.addIssue(problem({ code: 'conflict', message, path: [key], at: 'key' }));
      if (format === 'oci' && image === undefined) conflict('format', '"oci" needs an "image"');
      if (platforms !== undefined && format !== 'oci') {
        conflict('platforms', 'means nothing without "format: oci"');
      }
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  );
