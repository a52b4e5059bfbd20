/**
 * Schemas for small notations inside one YAML string: a parser yields the parsed form, or says why it
 * refuses the string.
 */
import { z } from 'zod';

import type { DiagnosticCode } from './diagnostics.ts';
import { problem } from './problem.ts';

/** A string that can be handed to the kernel: no NUL byte. */
export const text: z.ZodString = z
  .string()
  .refine((value) => !value.includes('\0'), 'must not contain a NUL byte');

/** What a parser returns instead of a value; made by `refuse`. */
export interface Refusal {
  readonly refused: { readonly message: string; readonly suggestion: string | undefined };
}

/** A schema for one string. What `parse` refuses gets the given code. */
export function parsed<T>(
  code: DiagnosticCode,
  parse: (value: string) => T | Refusal,
): z.ZodType<T> {
  return text.transform((value, context) => {
    const result = parse(value);
    if (!isRefusal(result)) return result;
    context.addIssue(problem({ code, ...result.refused }));
    return z.NEVER;
  });
}

/** @param message why, as half a sentence that follows the key's name */
export function refuse(message: string, suggestion?: string): Refusal {
  return { refused: { message, suggestion } };
}

function isRefusal(result: unknown): result is Refusal {
  return typeof result === 'object' && result !== null && 'refused' in result;
}
