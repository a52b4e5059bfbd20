/**
 * One entry of `volumes`: a directory that containers share by name.
 */
import { z } from 'zod';

import { LABEL_BYTES } from '../../supervisor/disk-volumes/disk-wish.ts';
import { type DiskConfig, diskSchema } from './disk-schema.ts';
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
  /** Where it is kept. Absent: in memory. */
  readonly disk?: DiskConfig;
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
    disk: diskSchema.exactOptional(),
  })
  .superRefine(
    (volume, context) => {
      const { image, format, platforms, disk } = volume;
      const conflict = (key: string, message: string): void =>
        context.addIssue(problem({ code: 'conflict', message, path: [key], at: 'key' }));
      if (format === 'oci' && image === undefined) conflict('format', '"oci" needs an "image"');
      if (platforms !== undefined && format !== 'oci') {
        conflict('platforms', 'means nothing without "format: oci"');
      }
      if (disk === undefined) return;
      if (image !== undefined) conflict('image', 'cannot go together with "disk"');
      if (disk.filesystem === 'swap' && volume.readonly) {
        conflict('readonly', 'means nothing for what is swapped to');
      }
      const most = LABEL_BYTES[disk.filesystem];
      if (disk.format === 'ifBlank' && volume.name.length > most) {
        const message = `the name becomes the label, and ${disk.filesystem} has room for ${most} letters`;
        context.addIssue(problem({ code: 'invalid-value', message, path: ['name'] }));
      }
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  );
