/**
 * `seccomp` of a container: a word, or a profile in the words of OCI's `linux.seccomp`.
 */
import { z } from 'zod';

import type { SeccompProfile } from '../../runc-shim/oci/container-spec.ts';
import { parsed, refuse } from './notation.ts';
import { suggest } from './suggest.ts';
import { filledText } from './values.ts';

const WORDS = ['default', 'unconfined'] as const;
const ERROR = 'must be default, unconfined or a profile with "defaultAction"';

const word = parsed<'default' | 'unconfined'>('unknown-value', (value) => {
  const found = WORDS.find((known) => known === value);
  return found ?? refuse(`${ERROR}, not "${value}"`, suggest(value, WORDS));
});

const action = z.enum([
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_LOG',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_TRAP',
]);

const errno = z.int().min(0, 'must not be negative').exactOptional();
const value = z.int().min(0, 'must not be negative');

const argument = z.strictObject({
  index: z.int().min(0, 'must be from 0 to 5').max(5, 'must be from 0 to 5'),
  value,
  valueTwo: value.exactOptional(),
  op: z.enum([
    'SCMP_CMP_NE',
    'SCMP_CMP_LT',
    'SCMP_CMP_LE',
    'SCMP_CMP_EQ',
    'SCMP_CMP_GE',
    'SCMP_CMP_GT',
    'SCMP_CMP_MASKED_EQ',
  ]),
});

const profile: z.ZodType<SeccompProfile> = z.strictObject({
  defaultAction: action,
  defaultErrnoRet: errno,
  architectures: z
    .array(filledText.startsWith('SCMP_ARCH_', 'must be such as SCMP_ARCH_X86_64'))
    .exactOptional(),
  flags: z.array(filledText).exactOptional(),
  syscalls: z
    .array(
      z.strictObject({
        names: z.array(filledText).min(1, 'must not be empty'),
        action,
        errnoRet: errno,
        args: z.array(argument).exactOptional(),
      }),
    )
    .exactOptional(),
});

export const seccomp: z.ZodType<'default' | 'unconfined' | SeccompProfile> = z.union(
  [word, profile],
  { error: ERROR },
);
