/** `root` and `sign` of the file: where the root of disks is, and what proves that it is the one that was built. */
import { z } from 'zod';
import { text } from './notation.ts';

/** Beside the initrd, which is what a disk has without `root`. */
export const DISK_ROOTS = ['erofs', 'squashfs', 'ext4'] as const;
export type DiskRoot = (typeof DISK_ROOTS)[number];

export interface RootConfig {
  readonly filesystem: DiskRoot;
  /** Every block of it is checked against a hash that the initrd has (dm-verity). */
  readonly verity: boolean;
}

export const rootSchema: z.ZodType<RootConfig> = z.strictObject({
  filesystem: z.enum(DISK_ROOTS).default('erofs'),
  verity: z.boolean().default(false),
});

/** Paths of PEM files, relative to the current directory. */
export interface SignConfig {
  readonly key: string;
  readonly cert: string;
}

export const signSchema: z.ZodType<SignConfig> = z.strictObject({ key: text, cert: text });
