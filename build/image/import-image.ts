/** An image from a file, a folder or an engine of this machine into the store, through skopeo. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errnoCode } from '../../sys/errno.ts';
import { adoptLayout } from './adopt-layout.ts';
import type { EngineSource, FileSource } from './image-source.ts';
import { ImageSourceError } from './image-source-error.ts';
import type { Image } from './image-store.ts';
import { copyLocally } from './skopeo.ts';

export interface ImportRequest {
  readonly store: string;
  readonly architecture: string;
  readonly from: FileSource | EngineSource;
  /** As the store is to name it. */
  readonly name: string;
  /** Where it came from, in the words of the person. */
  readonly source: string;
  readonly stamp?: string;
}

/** Rejects with `ImageSourceError`, `ImageFormatError` or `MissingToolError`; the store is then as it was. */
export async function importImage(request: ImportRequest): Promise<Image> {
  const { store, architecture, from, name, source, stamp } = request;
  const partial = join(store, 'partial', randomUUID());
  await mkdir(partial, { recursive: true });
  try {
    await copyLocally(spelled(from), `oci:${partial}:image`, architecture, source);
    const origin = { source, ...(stamp === undefined ? {} : { stamp }) };
    return await adoptLayout({ store, from: partial, name, architecture, origin });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** What changes whenever the file does. Rejects with `ImageSourceError` when there is none. */
export async function fileStamp(from: FileSource, source: string): Promise<string> {
  const path = from.transport === 'oci' ? join(from.path, 'index.json') : from.path;
  try {
    const { size, mtimeMs, ino } = await stat(path);
    return `${size} ${mtimeMs} ${ino}`;
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT' && errnoCode(error) !== 'ENOTDIR') throw error;
    throw new ImageSourceError('not-found', source, `there is no ${path}`, { cause: error });
  }
}

function spelled(from: FileSource | EngineSource): string {
  if (from.kind === 'engine') return `${from.transport}:${from.name}`;
  const name = from.name === undefined ? '' : `:${from.name}`;
  return `${from.transport}:${resolve(from.path)}${name}`;
}
