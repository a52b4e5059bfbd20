/**
 * `panic` of the file: what the kernel does after a panic, in the kernel's own measure, and what of it goes
 * onto the kernel's command line. Pure.
 */
import { z } from 'zod';

import { DEFAULT_PANIC_TIMEOUT } from '../../supervisor/manifest.ts';
import { parsed, refuse } from './notation.ts';
import { problem } from './problem.ts';
import { suggest } from './suggest.ts';
import { duration } from './supervision-values.ts';

const ACTIONS = ['reboot', 'halt'] as const;

const word = parsed<number>('unknown-value', (value) => {
  if (value === 'reboot') return DEFAULT_PANIC_TIMEOUT;
  if (value === 'halt') return 0;
  return refuse(
    `must be reboot, halt or a map with "action" and "delay", not "${value}"`,
    suggest(value, ACTIONS),
  );
});

const terms = z
  .strictObject({ action: z.enum(ACTIONS), delay: duration.exactOptional() })
  .superRefine(({ action, delay }, context) => {
    if (action === 'reboot' || delay === undefined) return;
    const message = 'a machine that halts stays as it is';
    context.addIssue(problem({ code: 'conflict', message, path: ['delay'], at: 'key' }));
  })
  .transform(({ action, delay }) => {
    if (action === 'halt') return 0;
    return delay === undefined ? DEFAULT_PANIC_TIMEOUT : timeoutOf(delay);
  });

/** The kernel's panic timeout, as `Manifest.panicTimeout` has it. */
export const panic: z.ZodType<number> = z.union([word, terms], {
  error: 'must be reboot, halt or a map with "action" and "delay"',
});

/** The kernel counts whole seconds, and takes 0 for "never" and a negative number for "at once". */
function timeoutOf(delayMs: number): number {
  return delayMs === 0 ? -1 : Math.ceil(delayMs / 1000);
}

/** Whether a kernel command line says it, in front of what is handed to init. */
export function namesPanic(cmdline: string): boolean {
  const [kernel = ''] = cmdline.split(/\s--(?:\s|$)/, 1);
  return /(?:^|\s)panic=/.test(kernel);
}

/** The command line with the timeout, unless it has one: a panic before init has been started follows it too. */
export function withPanic(cmdline: string, timeout: number): string {
  return namesPanic(cmdline) ? cmdline : `panic=${timeout} ${cmdline}`.trimEnd();
}
