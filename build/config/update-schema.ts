/** `updates` of the file: that a disk has room for two images, and how a new one has to show that it is good. */
import { z } from 'zod';
import { DEFAULT_TRIAL } from '../../supervisor/manifest.ts';
import { sizeFrom } from './size-values.ts';
import { timeLimit } from './supervision-values.ts';

export interface UpdatesConfig {
  /** Bytes for each of two images. Absent: half as much again as this one needs. */
  readonly slotSize?: number;
  /** In milliseconds. */
  readonly goodAfter: number;
  readonly deadline: number;
}

export const updatesSchema: z.ZodType<UpdatesConfig> = z.strictObject({
  slotSize: sizeFrom(1_048_576, false).exactOptional(),
  goodAfter: timeLimit.default(DEFAULT_TRIAL.goodAfterMs),
  deadline: timeLimit.default(DEFAULT_TRIAL.deadlineMs),
});
