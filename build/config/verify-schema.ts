/** `verify`: which images must be signed, and with whose key. */
import { z } from 'zod';
import { problem } from './problem.ts';
import { filledText } from './values.ts';

/** One rule, lists filled in. Exactly one of `keys` and `unsigned` says what it asks. */
export interface VerifyRule {
  /** Beginnings of whole names, or `*` for every image. */
  readonly images: readonly string[];
  /** Public keys (PEM files of the machine that builds): a signature of one of them is enough. */
  readonly keys: readonly string[];
  readonly unsigned?: 'accept' | 'reject';
  /** The repository that the signature names, where it is not the one of the image. */
  readonly signedAs?: string;
}

const oneOrMore = z
  .union([filledText, z.array(filledText).min(1, 'must not be empty')])
  .transform((value) => (typeof value === 'string' ? [value] : value));

const rule = z
  .strictObject({
    images: oneOrMore,
    key: oneOrMore.exactOptional(),
    unsigned: z.enum(['accept', 'reject']).exactOptional(),
    signedAs: filledText.exactOptional(),
  })
  .superRefine(
    ({ key, unsigned }, context) => {
      if (key !== undefined && unsigned !== undefined) {
        const message = '"unsigned" cannot go together with "key"';
        context.addIssue(problem({ code: 'conflict', message, path: ['unsigned'], at: 'key' }));
      }
      if (key !== undefined || unsigned !== undefined) return;
      const message = 'one of key, unsigned must say what it asks';
      context.addIssue(problem({ code: 'missing-key', message }));
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  )
  .transform(({ key, ...rest }) => ({ ...rest, keys: key ?? [] }));

export const verifyRules: z.ZodType<readonly VerifyRule[]> = z.array(rule);
