/** `console` of the file: what a person at a console may do. Pure. */
import { z } from 'zod';

import type { BindMount } from '../../runc-shim/oci/container-spec.ts';
import { parsePasswordHash } from '../../supervisor/console/password-hash.ts';
import {
  CONSOLE_MODES,
  type ConsoleMode,
  type ConsolePolicy,
  DEFAULT_CONSOLE,
} from '../../supervisor/console/policy.ts';
import { CONTAINER_SECTIONS, type ContainerSections } from './all-containers.ts';
import { parsed, refuse } from './notation.ts';
import { problem, type Problem } from './problem.ts';
import { suggest } from './suggest.ts';

const mode = parsed<ConsoleMode>('unknown-value', (value) => {
  const known = CONSOLE_MODES.find((word) => word === value);
  return (
    known ??
    refuse(`must be off, status, control or shell, not "${value}"`, suggest(value, CONSOLE_MODES))
  );
});

/** The value is not repeated in the message: it may be the password itself. */
const password = parsed<string>('invalid-value', (value) =>
  parsePasswordHash(value) === undefined
    ? refuse('must be a line that "ishmael password" has printed, not the password itself')
    : value,
);

const terms = z
  .strictObject({
    mode: mode.default(DEFAULT_CONSOLE.mode),
    password: password.exactOptional(),
    quiet: z.boolean().default(false),
  })
  .superRefine((value, context) => {
    if (value.mode !== 'off' || value.password === undefined) return;
    const message = 'there is no console to ask for it';
    context.addIssue(problem({ code: 'conflict', message, path: ['password'], at: 'key' }));
  });

export const consolePolicy: z.ZodType<ConsolePolicy> = z.union(
  [mode.transform((word) => ({ ...DEFAULT_CONSOLE, mode: word })), terms],
  { error: 'must be off, status, control, shell or a map with "mode", "password" and "quiet"' },
);

/** Where the manifest lies, and the directories above it. */
const KEEPERS: readonly string[] = ['/', '/etc', '/etc/ishmael', '/etc/ishmael/manifest.json'];

/**
 * Binds that would show a container the hash of the password. Its owner's rights would not keep it from
 * being read there: root of a container is root.
 */
export function hashInReach(
  config: ContainerSections & { readonly console?: ConsolePolicy },
): readonly Problem[] {
  if (config.console?.password === undefined) return [];
  return CONTAINER_SECTIONS.flatMap((section) =>
    config[section].flatMap(({ binds }, index) => inReach(binds, [section, index])),
  );
}

function inReach(
  binds: readonly BindMount[] | undefined,
  path: readonly (string | number)[],
): readonly Problem[] {
  return (binds ?? []).flatMap(({ source }, index) => {
    const real = normalized(source);
    if (!KEEPERS.includes(real)) return [];
    const message = `a container that has "${real}" of the machine can read the hash of the console's password`;
    return [{ code: 'conflict' as const, message, path: [...path, 'binds', index] }];
  });
}

/** A path as the kernel goes it, apart from symbolic links. */
function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
