/**
 * What belongs to user and time namespaces: which ids stand for which, and how far clocks are off.
 */
import { z } from 'zod';

import type { IdMapping, TimeOffset } from '../../runc-shim/oci/container-spec.ts';
import { duration } from './supervision-values.ts';

const MAX_ID = 2 ** 32 - 1;
const id = z.int().min(0, 'must not be negative').max(MAX_ID, 'must be below 4294967295');

export const idMappings: z.ZodType<readonly IdMapping[]> = z
  .array(
    z.strictObject({
      containerID: id,
      hostID: id,
      size: z.int().min(1, 'must be at least 1').max(MAX_ID, 'must be at most 4294967295'),
    }),
  )
  .min(1, 'must not be empty')
  .max(340, 'must have at most 340 entries, as user_namespaces(7) has it');

/** The kernel also takes negative offsets; nobody restores a container here. */
const offset: z.ZodType<TimeOffset> = duration.transform((ms) => ({
  secs: Math.floor(ms / 1000),
  nanosecs: (ms % 1000) * 1_000_000,
}));

export const timeOffsets: z.ZodType<Readonly<Record<string, TimeOffset>>> = z
  .strictObject({ monotonic: offset.exactOptional(), boottime: offset.exactOptional() })
  .transform(({ monotonic, boottime }) => ({
    ...(monotonic === undefined ? {} : { monotonic }),
    ...(boottime === undefined ? {} : { boottime }),
  }));
