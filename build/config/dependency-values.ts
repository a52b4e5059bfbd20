/**
 * `dependsOn` in its two notations: a list of names, units and conditions of the machine, or a map from
 * names to what is asked of them.
 */
import { z } from 'zod';

import type { DependencyTerms, DependsOn, ListedDependency } from './depends-on.ts';
import { parsed, refuse, text } from './notation.ts';
import { problem } from './problem.ts';
import { suggest } from './suggest.ts';
import { absolutePath } from './values.ts';

/** With the words of compose beside ours. */
const CONDITIONS = new Map<string, DependencyTerms['condition']>([
  ['started', 'started'],
  ['healthy', 'healthy'],
  ['completed', 'completed'],
  ['service_started', 'started'],
  ['service_healthy', 'healthy'],
  ['service_completed_successfully', 'completed'],
]);

const condition = parsed<DependencyTerms['condition']>('unknown-value', (value) => {
  const known = CONDITIONS.get(value);
  if (known !== undefined) return known;
  return refuse(
    `must be started, healthy or completed, not "${value}"`,
    suggest(value, [...CONDITIONS.keys()]),
  );
});

const terms: z.ZodType<DependencyTerms> = z.strictObject({
  condition: condition.default('started'),
  required: z.boolean().default(true),
});

/** As the kernel has it (dev_valid_name), or `any`. */
const networkInterface = text
  .max(15, 'must have at most 15 characters')
  .regex(/^(?!\.{1,2}$)[^/:\s]+$/, 'must be the name of a network interface, or any');

/** The keys that say what is waited for. */
const KINDS = ['service', 'path', 'network', 'time'] as const;
const TERMS = ['condition', 'required'] as const;

const listed: z.ZodType<ListedDependency> = z
  .strictObject({
    service: text.exactOptional(),
    condition: condition.exactOptional(),
    required: z.boolean().exactOptional(),
    path: absolutePath.exactOptional(),
    network: networkInterface.exactOptional(),
    time: z.enum(['set', 'synchronized']).exactOptional(),
  })
  .superRefine(
    (entry, context) => {
      const given = KINDS.filter((kind) => kind in entry);
      if (given.length === 0) {
        const message = `one of ${KINDS.join(', ')} must say what it waits for`;
        context.addIssue(problem({ code: 'missing-key', message }));
      }
      for (const kind of given.slice(1)) {
        const message = `"${kind}" cannot go together with "${given[0]}": make it an entry of its own`;
        context.addIssue(problem({ code: 'conflict', message, path: [kind], at: 'key' }));
      }
      if (given.length === 0 || given.includes('service')) return;
      for (const key of TERMS.filter((name) => name in entry)) {
        const message = `goes with "service", not with "${given[0]}"`;
        context.addIssue(problem({ code: 'conflict', message, path: [key], at: 'key' }));
      }
    },
    { when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value) },
  );

export const dependsOn: z.ZodType<DependsOn> = z.union(
  [
    z.array(
      z.union([text, listed], {
        error: 'must be a name, or a map with "service", "path", "network" or "time"',
      }),
    ),
    z.record(z.string(), terms),
  ],
  { error: 'must be a list of names, or a map with a name for each key' },
);
