/**
 * How a check inside the schema names its diagnostic: the code travels in the `params` of zod's custom
 * issue. The only file that knows this encoding.
 */
import { DIAGNOSTIC_CODES, type DiagnosticCode } from './diagnostics.ts';

export interface Problem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly suggestion?: string | undefined;
  /** What the caret stands under; the value unless said otherwise. */
  readonly at?: 'key' | 'value';
  /** Steps from the value under check to the culprit. */
  readonly path?: readonly (string | number)[];
}

// A type, not an interface: zod wants an index signature, which only a type has implicitly.
type ProblemIssue = {
  code: 'custom';
  message: string;
  path: (string | number)[];
  params: Record<string, string | undefined>;
};

/** The argument of zod's `addIssue` that reports this problem. */
export function problem({ code, message, suggestion, at, path = [] }: Problem): ProblemIssue {
  return { code: 'custom', message, path: [...path], params: { code, suggestion, at } };
}

/** The problem that `problem()` put into an issue's params; a plain refusal when there is none. */
export function problemOf(message: string, params: unknown): Omit<Problem, 'path'> {
  const read = (name: string): unknown =>
    typeof params === 'object' && params !== null ? Reflect.get(params, name) : undefined;
  const code = DIAGNOSTIC_CODES.find((known) => known === read('code')) ?? 'invalid-value';
  const suggestion = read('suggestion');
  return {
    code,
    message,
    suggestion: typeof suggestion === 'string' ? suggestion : undefined,
    at: read('at') === 'key' ? 'key' : 'value',
  };
}
