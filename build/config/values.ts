/**
 * The small notations inside YAML strings: binds, tmpfs, rlimits, namespaces, capability names, modes
 * and paths. Each schema here checks one string and yields its parsed form.
 */
import { z } from 'zod';

import { CAPABILITIES } from '../../runc-shim/oci/capabilities.ts';
import type {
  BindMount,
  NamespaceMode,
  Rlimit,
  TmpfsMount,
} from '../../runc-shim/oci/container-spec.ts';
import { parsed, refuse, text } from './notation.ts';
import { problem } from './problem.ts';
import { suggest } from './suggest.ts';

export const filledText: z.ZodString = text.min(1, 'must not be empty');

export const absolutePath: z.ZodString = text.startsWith('/', 'must be an absolute path');

const DEFAULT_BIND_OPTIONS: readonly string[] = ['rw', 'rbind', 'rshared'];

/** `source:destination[:options]`; a source that is no path names a volume, which is checked elsewhere. */
export const bind: z.ZodType<BindMount> = parsed<BindMount>('bad-bind', (value) => {
  const [source = '', destination, options, ...rest] = value.split(':');
  if (destination === undefined) {
    return refuse('must be SOURCE:DESTINATION[:OPTIONS], and this has no ":"');
  }
  if (rest.length > 0) return refuse('must be SOURCE:DESTINATION[:OPTIONS]; this has too many ":"');
  if (source === '' || (source.includes('/') && !source.startsWith('/'))) {
    return refuse(`the source "${source}" must be an absolute path or the name of a volume`);
  }
  if (!destination.startsWith('/')) return refuse(relativeDestination(destination));
  if (options === undefined) return { source, destination, options: DEFAULT_BIND_OPTIONS };
  const list = options.split(',');
  if (list.includes('')) return refuse('an option is empty: write them as in "ro,rshared"');
  return { source, destination, options: [...list, 'rbind'] };
});

/** `destination[:options]` */
export const tmpfs: z.ZodType<TmpfsMount> = parsed<TmpfsMount>('bad-tmpfs', (value) => {
  const [destination = '', options, ...rest] = value.split(':');
  if (rest.length > 0) return refuse('must be DESTINATION[:OPTIONS]; this has too many ":"');
  if (!destination.startsWith('/')) return refuse(relativeDestination(destination));
  const list = options?.split(',') ?? [];
  if (list.includes('')) return refuse('an option is empty: write them as in "size=10m,mode=1777"');
  return { destination, options: list };
});

const RLIMITS: readonly string[] = (
  'AS CORE CPU DATA FSIZE LOCKS MEMLOCK MSGQUEUE NICE NOFILE NPROC RSS RTPRIO RTTIME SIGPENDING ' +
  'STACK'
).split(' ');

/** `name,soft,hard`, with or without `RLIMIT_`, in either case. */
export const rlimit: z.ZodType<Rlimit> = parsed<Rlimit>('bad-rlimit', (value) => {
  const [name = '', softWord, hardWord, ...rest] = value.split(',').map((part) => part.trim());
  if (softWord === undefined || hardWord === undefined || rest.length > 0) {
    return refuse('must be NAME,SOFT,HARD, such as "nofile,1024,4096"');
  }
  const short = name.toUpperCase().replace(/^RLIMIT_/, '');
  if (!RLIMITS.includes(short)) {
    const suggestion = suggest(short, RLIMITS)?.toLowerCase();
    return refuse(`there is no limit called "${name}"`, suggestion);
  }
  const [soft, hard] = [limitValue(softWord), limitValue(hardWord)];
  if (soft === undefined || hard === undefined) {
    return refuse('soft and hard must each be a whole number or "unlimited"');
  }
  if (numeric(soft) > numeric(hard)) return refuse('the soft limit is above the hard limit');
  return { type: `RLIMIT_${short}`, soft, hard };
});

/** `host`, `new` (LinuxKit also says `root` and `none`) or the path of an existing namespace. */
export const namespaceMode: z.ZodType<NamespaceMode> = parsed<NamespaceMode>(
  'unknown-value',
  (value) => {
    if (value === 'host' || value === 'root') return 'host';
    if (value === 'new' || value === 'none') return 'new';
    if (value.startsWith('/')) return { path: value };
    const suggestion = suggest(value, ['host', 'new', 'none']);
    return refuse('must be host, new, none or the absolute path of a namespace', suggestion);
  },
);

const capability = text.superRefine((value, context) => {
  if (CAPABILITIES.includes(value) || isWholeSet(value)) return;
  const upper = value.toUpperCase();
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  const suggestion = suggest(name, CAPABILITIES);
  const message = `there is no capability called "${value}"`;
  context.addIssue(problem({ code: 'unknown-capability', message, suggestion }));
});

/** Capability names, or `all` or `none` alone; yields names, each once. */
export const capabilities: z.ZodType<readonly string[]> = z
  .array(capability)
  .superRefine(
    (names, context) => {
      if (names.length < 2) return;
      for (const [index, name] of names.entries()) {
        if (!isWholeSet(name)) continue;
        const message = `"${name}" must stand alone`;
        context.addIssue(problem({ code: 'conflict', message, path: [index] }));
      }
    },
    { when: ({ value }) => Array.isArray(value) },
  )
  .transform((names) => {
    const word = names[0]?.toLowerCase();
    if (word === 'all') return [...CAPABILITIES];
    return word === 'none' ? [] : [...new Set(names)];
  });

/** Numeric, `root`, or the name of a container, which then has an id of its own. */
export const userId: z.ZodType<number | string> = z.union(
  [
    z
      .int()
      .min(0)
      .max(2 ** 32 - 2),
    filledText,
  ],
  {
    error: 'must be a number, root or the name of a container',
  },
);

const octal: z.ZodType<number, string> = z
  .string({ error: 'must be an octal number in quotes, such as "0644"' })
  .regex(/^[0-7]{1,5}$/, 'must be octal, such as "0644"')
  .transform((value) => Number.parseInt(value, 8));

/** Permission bits in octal. A string, because YAML reads a bare 0644 as decimal 644. */
export const fileMode: z.ZodType<number> = octal.refine(
  (mode) => mode <= 0o7777,
  'has bits beyond 7777',
);

/** The same without setuid, setgid and sticky bit. */
export const permissionBits: z.ZodType<number> = octal.refine(
  (mode) => mode <= 0o777,
  'has bits beyond 777',
);

/** One of a closed list of words. */
export function words(list: string): z.ZodType<string> {
  return z.enum(list.split(' '));
}

/** How tmpfs(5) takes a size: a number of bytes, with a unit, or a part of the machine's memory. */
export const tmpfsSize: z.ZodType<string> = text.regex(
  /^([1-9]\d*[kKmMgG]?|[1-9]\d?%|100%)$/,
  'must be a size such as 64M, or a part of the memory such as 25%',
);

/** A path in the image, with or without a leading `/`; yields it as `Tree` wants it. */
export const treePath: z.ZodType<string> = filledText.transform((value, context) => {
  const parts = value.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length > 0 && !parts.includes('..')) return parts.join('/');
  const message = 'must name something inside the image, without ".."';
  context.addIssue(problem({ code: 'invalid-value', message }));
  return z.NEVER;
});

function relativeDestination(destination: string): string {
  return `the destination "${destination}" must be an absolute path`;
}

function limitValue(word: string): number | 'unlimited' | undefined {
  if (word.toLowerCase() === 'unlimited') return 'unlimited';
  const value = Number(word);
  return /^\d+$/.test(word) && Number.isSafeInteger(value) ? value : undefined;
}

function numeric(limit: number | 'unlimited'): number {
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : limit;
}

function isWholeSet(name: unknown): boolean {
  return typeof name === 'string' && ['all', 'none'].includes(name.toLowerCase());
}
