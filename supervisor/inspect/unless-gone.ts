import { readFileSync } from 'node:fs';
import { errnoCode } from '../../sys/errno.ts';

/**
 * What the kernel says of something that is gone, that this kernel does not have (EOPNOTSUPP: PSI that is
 * switched off) or that does not tell it (EINVAL).
 */
const GONE: readonly (string | undefined)[] = [
  'ENOENT',
  'ESRCH',
  'EINVAL',
  'ENODEV',
  'EOPNOTSUPP',
  'ENOTSUP',
];

/** `undefined` when what is read vanishes meanwhile, or is not there. */
export function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (GONE.includes(errnoCode(error))) return undefined;
    throw error;
  }
}

/** A file of /proc or /sys; empty when it is not there. */
export function readIfThere(path: string): string {
  return unlessGone(() => readFileSync(path, 'utf8')) ?? '';
}
