/**
 * The values of the keys that say how a container is supervised: restart rules, durations, signals, exit
 * statuses and limits. Yields what the manifest's policies hold, where no image is needed.
 */
import { z } from 'zod';

import type { RestartRule, StartLimit } from '../../supervisor/service/policy.ts';
import { parseDuration, renderDuration } from './duration.ts';
import { parsed, type Refusal, refuse, text } from './notation.ts';
import { problem } from './problem.ts';
import { parseSignal, SIGNAL_NAMES } from './signal.ts';
import { suggest } from './suggest.ts';

const RESTART_KINDS = ['no', 'always', 'on-failure', 'unless-stopped'] as const;
const RESTART_WORDS = 'no, always, on-failure, on-failure:N or unless-stopped';

/** A bare `no` is a string in YAML 1.2 and `false` in the YAML that many people and tools know. */
export const restartRule: z.ZodType<RestartRule> = z
  .union([z.literal(false), parsed('unknown-value', parseRestart)], {
    error: `must be ${RESTART_WORDS}`,
  })
  .transform((rule) => (rule === false ? { kind: 'no' } : rule));

function parseRestart(value: string): RestartRule | Refusal {
  const [word = '', limit] = value.split(/:(.*)/s, 2);
  const kind = RESTART_KINDS.find((known) => known === word);
  if (kind === undefined || (limit !== undefined && kind !== 'on-failure')) {
    return refuse(`must be ${RESTART_WORDS}, not "${value}"`, suggest(word, RESTART_KINDS));
  }
  if (kind !== 'on-failure' || limit === undefined) return { kind };
  const maxRestarts = Number(limit);
  if (!/^\d+$/.test(limit) || !Number.isSafeInteger(maxRestarts)) {
    return refuse('the number of restarts must be whole, as in "on-failure:5"');
  }
  // Docker's zero: no limit.
  return maxRestarts === 0 ? { kind } : { kind, maxRestarts };
}

/** Timers of the guest go up to 2³¹ ms, a little more than this. */
const MAX_DURATION_MS = 24 * 24 * 3_600_000;

/** A duration in milliseconds, none at all included. */
export const duration: z.ZodType<number> = durationFrom(0);

/** A duration in milliseconds after which something is over: never none at all. */
export const timeLimit: z.ZodType<number> = durationFrom(1);

function durationFrom(least: number): z.ZodType<number> {
  const wanted = 'must be a duration such as 500ms, 10s, 1m30s or 2h, or a number of seconds';
  const wrong = (ms: number | undefined, value: number | string): string | undefined => {
    if (ms === undefined) return `${wanted}, not "${value}"`;
    if (ms < least) return least === 0 ? 'must not be negative' : 'must be more than nothing';
    return ms > MAX_DURATION_MS ? `must be at most ${renderDuration(MAX_DURATION_MS)}` : undefined;
  };
  return z.union([z.number(), text], { error: wanted }).transform((value, context) => {
    const ms = typeof value === 'number' ? Math.round(value * 1000) : parseDuration(value);
    const message = wrong(ms, value);
    if (ms !== undefined && message === undefined) return ms;
    context.addIssue(problem({ code: 'bad-duration', message: message ?? wanted }));
    return z.NEVER;
  });
}

/** A signal's number. */
export const signal: z.ZodType<number> = z.union(
  [
    z.int().min(1, 'must be from 1 to 64').max(64, 'must be from 1 to 64'),
    parsed('unknown-signal', (value) => {
      const prefixed = value.toUpperCase().startsWith('SIG') ? value : `SIG${value}`;
      const suggestion = suggest(prefixed, SIGNAL_NAMES);
      return parseSignal(value) ?? refuse(`there is no signal called "${value}"`, suggestion);
    }),
  ],
  { error: 'must be the name of a signal, such as SIGTERM, or its number' },
);

export const exitStatuses: z.ZodType<readonly number[]> = z.array(
  z.int().min(0, 'must be from 0 to 255').max(255, 'must be from 0 to 255'),
);

export const startLimit: z.ZodType<StartLimit> = z
  .strictObject({
    burst: z.int().min(1, 'must be at least 1'),
    interval: timeLimit,
    action: z.enum(['none', 'reboot', 'poweroff']).default('none'),
  })
  .transform(({ burst, interval, action }) => ({ burst, intervalMs: interval, action }));

/** A line as a shell takes it, which the image has to have. */
export function shellLine(line: string): readonly string[] {
  return ['/bin/sh', '-c', line];
}
