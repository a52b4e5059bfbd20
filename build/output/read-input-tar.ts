/** An archive that an earlier build wrote as the format tar, taken apart again by the records of its entries. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { TarError } from '../../supervisor/tar/tar-error.ts';
import { readTar } from '../image/layer.ts';
import { UnsafePathError } from '../rootfs/path.ts';
import type { Tree } from '../rootfs/tree.ts';

/** The PAX record with the key of an entry's part; LinuxKit's own name an image, not its contents. */
export const PART_RECORD = 'ISHMAEL.part';

export type InputTarErrorCode =
  /** Another program's archive, or an older build's. */
  | 'no-records'
  /** No archive, or one that ends in the middle. */
  | 'broken';

export class InputTarError extends Error {
  override readonly name = 'InputTarError';
  readonly code: InputTarErrorCode;

  constructor(code: InputTarErrorCode, path: string, why: string, options?: ErrorOptions) {
    super(`Cannot build on top of ${path}: ${why}`, options);
    this.code = code;
  }
}

/**
 * The parts by their keys, with their contents in `scratch`. Rejects with `InputTarError`, and with errno
 * errors.
 */
export async function readInputTar(
  path: string,
  scratch: string,
): Promise<ReadonlyMap<string, Tree>> {
  const parts = new Map<string, Tree>();
  const keys = new Map<string, string>();
  const tree = await read(path, join(scratch, 'input.data'), keys);
  for (const [name, key] of keys) {
    const node = tree.get(name);
    if (node === undefined) continue;
    const part = parts.get(key) ?? new Map();
    parts.set(key, part.set(name, node));
  }
  if (parts.size > 0) return parts;
  const why = `none of its entries has the PAX record ${PART_RECORD}, so "ishmael build --format tar" of this version did not write it`;
  throw new InputTarError('no-records', path, why);
}

async function read(path: string, dataPath: string, keys: Map<string, string>): Promise<Tree> {
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    return await readTar(source, dataPath, undefined, (name, records) => {
      const record = records.findLast(([key]) => key === PART_RECORD);
      if (record !== undefined) keys.set(name, record[1].toString());
    });
  } catch (cause) {
    if (!(cause instanceof TarError || cause instanceof UnsafePathError)) throw cause;
    throw new InputTarError('broken', path, cause.message, { cause });
  }
}
