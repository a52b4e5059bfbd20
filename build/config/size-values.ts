/** Sizes as values of the file: a number of bytes, or as a person writes them (byte-size.ts). */
import { z } from 'zod';

import { parseByteSize } from './byte-size.ts';
import { text } from './notation.ts';
import { problem } from './problem.ts';

/** Stands for no limit. */
export const UNLIMITED = -1;
const SIZE = 'must be a number of bytes or a size such as 64M';

/** In bytes; with `unlimited`, -1 may stand for no limit. */
export function sizeFrom(least: number, unlimited: boolean): z.ZodType<number> {
  const words = unlimited ? `${SIZE}, or -1 for no limit` : SIZE;
  return z.union([z.number(), text], { error: words }).transform((value, context) => {
    const bytes = typeof value === 'number' ? value : parseByteSize(value);
    if (unlimited && bytes === UNLIMITED) return UNLIMITED;
    if (bytes !== undefined && Number.isSafeInteger(bytes) && bytes >= least) return bytes;
    const message =
      bytes === undefined || !Number.isSafeInteger(bytes) || bytes < 0
        ? `${words}, not "${value}"`
        : 'must be at least 1M: a plain number counts bytes';
    context.addIssue(problem({ code: 'bad-size', message }));
    return z.NEVER;
  });
}
