/**
 * `healthcheck` of a service: one question that PID 1 asks, and how often. What it asks over the network
 * goes to an address, since PID 1 resolves no names.
 */
import { z } from 'zod';

import {
  DEFAULT_HEALTH_CHECK,
  type HealthCheck,
  type Probe,
} from '../../supervisor/service/policy.ts';
import { parsed, type Refusal, refuse, text } from './notation.ts';
import { problem } from './problem.ts';
import { suggest } from './suggest.ts';
import { duration, shellLine, timeLimit } from './supervision-values.ts';
import { absolutePath } from './values.ts';

type NetworkProbe<K extends Probe['kind']> = Omit<Extract<Probe, { readonly kind: K }>, 'kind'>;

const LOOPBACK = '127.0.0.1';

const ADDRESS = z.union([z.ipv4(), z.ipv6()]);

/** Yields an address. */
const host = parsed<string>('invalid-value', parseHost);

const port = z.int().min(1, 'must be from 1 to 65535').max(65_535, 'must be from 1 to 65535');

const http: z.ZodType<NetworkProbe<'http'>> = z.union(
  [
    parsed('invalid-value', parseUrl),
    z.strictObject({
      port,
      path: text
        .startsWith('/', 'must begin with "/"')
        .regex(/^[!-~]*$/, 'must be ASCII without spaces: write others as %20')
        .default('/'),
      host: host.default(LOOPBACK),
    }),
  ],
  { error: 'must be a URL, or a map with "port", "path" and "host"' },
);

const tcp: z.ZodType<NetworkProbe<'tcp'>> = z.union(
  [
    port.transform((number) => ({ host: LOOPBACK, port: number })),
    parsed('invalid-value', parseHostAndPort),
  ],
  { error: 'must be a port, or HOST:PORT' },
);

const file: z.ZodType<NetworkProbe<'file'>> = z
  .union(
    [
      absolutePath.transform((path) => ({ path })),
      z.strictObject({ path: absolutePath, maxAge: timeLimit.exactOptional() }),
    ],
    { error: 'must be an absolute path, or a map with "path" and "maxAge"' },
  )
  .transform(({ path, ...rest }) =>
    'maxAge' in rest && rest.maxAge !== undefined ? { path, maxAgeMs: rest.maxAge } : { path },
  );

/** Compose's word for "no check". */
const NONE = 'NONE';
const TEST_KINDS = ['CMD', 'CMD-SHELL', NONE];

/** Compose's notation of a command; yields its arguments, or `NONE`. */
const test: z.ZodType<readonly string[] | typeof NONE> = z.union(
  [
    text.min(1, 'must not be empty').transform((line) => (line === NONE ? NONE : shellLine(line))),
    z.array(text).transform((words, context) => {
      const result = parseTest(words);
      if (result === NONE || !('refused' in result)) return result;
      const path = words.length === 0 ? [] : [0];
      context.addIssue(problem({ code: 'unknown-value', ...result.refused, path }));
      return z.NEVER;
    }),
  ],
  { error: 'must be a list that begins with CMD or CMD-SHELL, or one line for a shell' },
);

/** The keys that say what is asked. */
const PROBES = ['exec', 'http', 'tcp', 'file', 'test'] as const;

const rawCheck = z.strictObject({
  exec: z.array(text).min(1, 'must not be empty').exactOptional(),
  http: http.exactOptional(),
  tcp: tcp.exactOptional(),
  file: file.exactOptional(),
  test: test.exactOptional(),
  disable: z.boolean().default(false),
  interval: timeLimit.default(DEFAULT_HEALTH_CHECK.intervalMs),
  timeout: timeLimit.default(DEFAULT_HEALTH_CHECK.timeoutMs),
  retries: z.int().min(1, 'must be at least 1').default(DEFAULT_HEALTH_CHECK.retries),
  startPeriod: duration.default(DEFAULT_HEALTH_CHECK.startPeriodMs),
  startInterval: timeLimit.default(DEFAULT_HEALTH_CHECK.startIntervalMs),
  onUnhealthy: z.enum(['none', 'restart']).default(DEFAULT_HEALTH_CHECK.onUnhealthy),
});

/** Yields nothing where the file turns the check off. */
export const healthCheck: z.ZodType<HealthCheck | undefined> = rawCheck
  .superRefine(
    (check, context) => {
      const given = PROBES.filter((kind) => kind in check);
      if (given.length === 0 && !check.disable) {
        const message = `one of ${PROBES.join(', ')} must say what to check`;
        context.addIssue(problem({ code: 'missing-key', message }));
      }
      for (const kind of given.slice(1)) {
        const message = `"${kind}" cannot go together with "${given[0]}"`;
        context.addIssue(problem({ code: 'conflict', message, path: [kind], at: 'key' }));
      }
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  )
  .transform((check) => {
    const probe = probeOf(check);
    if (probe === undefined) return undefined;
    return {
      probe,
      intervalMs: check.interval,
      timeoutMs: check.timeout,
      retries: check.retries,
      startPeriodMs: check.startPeriod,
      startIntervalMs: check.startInterval,
      onUnhealthy: check.onUnhealthy,
    };
  });

function probeOf(check: z.output<typeof rawCheck>): Probe | undefined {
  if (check.disable) return undefined;
  if (check.exec !== undefined) return { kind: 'exec', args: check.exec };
  if (check.http !== undefined) return { kind: 'http', ...check.http };
  if (check.tcp !== undefined) return { kind: 'tcp', ...check.tcp };
  if (check.file !== undefined) return { kind: 'file', ...check.file };
  if (check.test === undefined || check.test === NONE) return undefined;
  return { kind: 'exec', args: check.test };
}

function parseHost(value: string): string | Refusal {
  if (value === 'localhost') return LOOPBACK;
  return ADDRESS.safeParse(value).success
    ? value
    : refuse(`must be an IP address or localhost, not "${value}": PID 1 resolves no names`);
}

function parseUrl(value: string): NetworkProbe<'http'> | Refusal {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'https:') return refuse('must be http: PID 1 speaks no TLS');
  if (url?.protocol !== 'http:' || !value.toLowerCase().startsWith('http://')) {
    return refuse(`must be a URL such as http://${LOOPBACK}:8080/healthz, not "${value}"`);
  }
  if (url.username !== '' || url.password !== '') return refuse('must not hold a password');
  if (url.port === '0') return refuse('the port must be from 1 to 65535');
  const address = parseHost(withoutBrackets(url.hostname));
  if (typeof address !== 'string') return address;
  return { host: address, port: Number(url.port || 80), path: url.pathname + url.search };
}

/** `HOST:PORT`, an IPv6 address in brackets, or a port that stands in quotes. */
function parseHostAndPort(value: string): NetworkProbe<'tcp'> | Refusal {
  const colon = value.lastIndexOf(':');
  const number = value.slice(colon + 1);
  if (!/^\d{1,5}$/.test(number) || !port.safeParse(Number(number)).success) {
    return refuse(`must be a port from 1 to 65535, or HOST:PORT, not "${value}"`);
  }
  const name = colon === -1 ? LOOPBACK : value.slice(0, colon);
  if (name.includes(':') && !name.startsWith('[')) {
    return refuse('an IPv6 address needs brackets, as in "[::1]:80"');
  }
  const address = parseHost(withoutBrackets(name));
  return typeof address === 'string' ? { host: address, port: Number(number) } : address;
}

function withoutBrackets(name: string): string {
  return name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
}

function parseTest(words: readonly string[]): readonly string[] | typeof NONE | Refusal {
  const [kind = '', ...args] = words;
  if (kind === NONE && args.length === 0) return NONE;
  if (kind === 'CMD' && args.length > 0) return args;
  const [line] = args;
  if (kind === 'CMD-SHELL' && line !== undefined && args.length === 1) return shellLine(line);
  switch (kind) {
    case NONE:
      return refuse('"NONE" must stand alone');
    case 'CMD':
      return refuse('"CMD" needs a program behind it');
    case 'CMD-SHELL':
      return refuse('"CMD-SHELL" needs one line behind it, for a shell');
    default:
      return refuse('must begin with CMD, CMD-SHELL or NONE', suggest(kind, TEST_KINDS));
  }
}
