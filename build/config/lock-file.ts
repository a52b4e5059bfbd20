/**
 * `ishmael.lock`: which image each reference of the YAML files beside it means, so that a build next month
 * takes the same ones. Pure.
 */
import { z } from 'zod';

export const LOCK_FILE = 'ishmael.lock';

/** By reference, as the YAML has it. */
export type Lock = ReadonlyMap<string, LockedImage>;

export interface LockedImage {
  /** `sha256:…`, as the source counts it: of an index where there is one, so that it holds on any platform. */
  readonly digest: string;
  /** Where the image came from. */
  readonly source: string;
}

export class LockFileError extends Error {
  override readonly name = 'LockFileError';
}

const schema = z.strictObject({
  version: z.literal(1),
  images: z.record(
    z.string(),
    z.strictObject({
      digest: z.string().regex(/^sha256:[0-9a-f]{64}$/u, 'must be sha256: and 64 digits'),
      source: z.string(),
    }),
  ),
});

/** Throws `LockFileError`, which names the file. */
export function parseLock(text: string, file: string): Lock {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new LockFileError(`Cannot read ${file}: it is not JSON`, { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return new Map(Object.entries(result.data.images));
  throw new LockFileError(`Cannot read ${file}: ${z.prettifyError(result.error)}`);
}

/** The same lock is the same text: sorted, one image a line group, so that a diff shows what changed. */
export function renderLock(lock: Lock): string {
  const sorted = [...lock].sort(([a], [b]) => (a < b ? -1 : 1));
  const images = Object.fromEntries(
    sorted.map(([reference, { digest, source }]) => [reference, { digest, source }]),
  );
  return `${JSON.stringify({ version: 1, images }, null, 2)}\n`;
}

/** The lock with what a build used; entries of other files' references stay. */
export function mergeLock(lock: Lock, used: Lock): Lock {
  return new Map([...lock, ...used]);
}
