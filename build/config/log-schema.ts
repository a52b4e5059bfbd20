/**
 * `log` of a container: how much of what it writes is kept, and whether it finds a /dev/log. Each key that is
 * left out has its default, so that what comes out is all that PID 1 needs.
 */
import { z } from 'zod';

import { DEFAULT_LOG_RULES, type LogRules } from '../../supervisor/log/log-rules.ts';
import { parseByteSize } from './byte-size.ts';
import { parseDuration } from './duration.ts';
import { parsed, type Refusal, refuse, text } from './notation.ts';
import { problem } from './problem.ts';
import { suggest } from './suggest.ts';
import { timeLimit } from './supervision-values.ts';

const SMALLEST_FILE = 4 * 1024;
/** Logs are in memory. */
const LARGEST_FILE = 1024 ** 3;
const SIZE = 'must be a size from 4K to 1G, such as 256K';

/** Of one file, in bytes. */
const fileSize: z.ZodType<number> = z
  .union([z.number(), text], { error: SIZE })
  .transform((value, context) => {
    const bytes = typeof value === 'number' ? value : parseByteSize(value);
    if (bytes !== undefined && Number.isSafeInteger(bytes)) {
      if (bytes >= SMALLEST_FILE && bytes <= LARGEST_FILE) return bytes;
    }
    context.addIssue(problem({ code: 'bad-size', message: `${SIZE}, not "${value}"` }));
    return z.NEVER;
  });

const UNLIMITED = 'unlimited';
const RATE =
  'must be LINES/TIME such as 10000/30s, a map with "lines" and "interval", or unlimited';

const rate: z.ZodType<LogRules['rate']> = z.union(
  [
    parsed('bad-rate', parseRate),
    z
      .strictObject({ lines: z.int().min(1, 'must be at least 1'), interval: timeLimit })
      .transform(({ lines, interval }) => ({ lines, intervalMs: interval })),
  ],
  { error: RATE },
);

/** `10000/30s`; a unit alone is one of it, as in `100/s`. */
function parseRate(value: string): LogRules['rate'] | Refusal {
  if (value === UNLIMITED) return UNLIMITED;
  const [count = '', time, ...rest] = value.split('/');
  if (time === undefined || rest.length > 0) {
    return refuse(`${RATE}; not "${value}"`, suggest(value, [UNLIMITED]));
  }
  const lines = Number(count);
  if (!/^\d+$/.test(count) || !Number.isSafeInteger(lines) || lines < 1) {
    return refuse(`the number of lines must be whole and at least 1, not "${count}"`);
  }
  const interval = timeLimit.safeParse(/^(ms|s|m|h)$/.test(time) ? `1${time}` : time);
  if (parseDuration(time) === undefined && !interval.success) {
    return refuse(`the time must be a duration such as 30s, not "${time}"`);
  }
  if (!interval.success) return refuse(`the time ${interval.error.issues[0]?.message ?? ''}`);
  return { lines, intervalMs: interval.data };
}

const { rotation: files, rate: defaultRate, devLog: defaultDevLog } = DEFAULT_LOG_RULES;

export const log: z.ZodType<LogRules> = z
  .strictObject({
    maxSize: fileSize.default(files.maxFileBytes),
    maxFiles: z
      .int()
      .min(1, 'must be from 1 to 100')
      .max(100, 'must be from 1 to 100')
      .default(files.maxFiles),
    rate: rate.default(defaultRate),
    devLog: z.boolean().default(defaultDevLog),
  })
  .transform(({ maxSize, maxFiles, rate: limit, devLog }) => ({
    rotation: { maxFileBytes: maxSize, maxFiles },
    rate: limit,
    devLog,
  }));

/** Where programs look for it; known to the C library. */
const DEV_LOG = '/dev/log';

/** Its name is part of the path of its socket, of which the kernel takes 107 bytes (unix(7)). */
const LONGEST_NAME = 80;

/** What else is wrong with the container may have left either as the file has it. */
interface Logging {
  readonly name: unknown;
  readonly binds?: unknown;
  readonly log?: LogRules;
}

/** Of two mounts at one place one would be lost, and the file does not say which was meant. */
export function checkDevLog(
  { name, binds, log: rules }: Logging,
  context: z.core.$RefinementCtx,
): void {
  if (rules?.devLog !== true) return;
  if (typeof name === 'string' && name.length > LONGEST_NAME) {
    const message = `must have at most ${LONGEST_NAME} characters with "log: {devLog: true}"`;
    context.addIssue(problem({ code: 'conflict', message, path: ['name'] }));
  }
  if (!Array.isArray(binds)) return;
  const index = binds.findIndex(isAtDevLog);
  if (index === -1) return;
  const message = `${DEV_LOG} is that of "log: {devLog: true}" already`;
  context.addIssue(problem({ code: 'conflict', message, path: ['binds', index] }));
}

function isAtDevLog(bind: unknown): boolean {
  return typeof bind === 'object' && bind !== null && Reflect.get(bind, 'destination') === DEV_LOG;
}
