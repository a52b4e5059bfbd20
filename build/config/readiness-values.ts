/**
 * `readiness` and `preStart` of a service: when it is up, and what is run before it.
 */
import { z } from 'zod';

import type { Readiness } from '../../supervisor/service/policy.ts';
import { parsed, refuse, text } from './notation.ts';
import { suggest } from './suggest.ts';
import { shellLine } from './supervision-values.ts';
import { filledText } from './values.ts';

const WORDS = ['health', 'notify'] as const;
const WANTED = 'must be health, notify or a map with "fd"';

/** 0 to 2 are the program's own, and s6 and systemd hand over from 3 on. */
const fd = z.int().min(3, 'must be from 3 to 9').max(9, 'must be from 3 to 9');

export const readiness: z.ZodType<Readiness> = z.union(
  [
    parsed<Readiness>('unknown-value', (value) => {
      const kind = WORDS.find((known) => known === value);
      return kind === undefined
        ? refuse(`${WANTED}, not "${value}"`, suggest(value, WORDS))
        : { kind };
    }),
    z.strictObject({ fd }).transform((map) => ({ kind: 'fd' as const, fd: map.fd })),
  ],
  { error: WANTED },
);

/** Programs with their arguments, or lines for a shell. */
export const preStart: z.ZodType<readonly (readonly string[])[]> = z.array(
  z.union([filledText.transform(shellLine), z.array(text).min(1, 'must not be empty')], {
    error: 'must be a list of a program and its arguments, or one line for a shell',
  }),
);
