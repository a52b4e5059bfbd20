/** The content-addressed half of an OCI layout: files that are written beside, then renamed, and never change. */
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Blob {
  /** `sha256:…` */
  readonly digest: string;
  readonly size: number;
}

export function blobPath(layout: string, digest: string): string {
  return join(layout, 'blobs', ...digest.split(':'));
}

/** The text of a small blob. */
export async function readBlob(layout: string, digest: string): Promise<string> {
  return await readFile(blobPath(layout, digest), 'utf8');
}

export async function hasBlob(layout: string, { digest, size }: Blob): Promise<boolean> {
  try {
    return (await stat(blobPath(layout, digest))).size === size;
  } catch {
    // Not there, or not to be read: in both cases the answer is no.
    return false;
  }
}

export async function writeBlob(layout: string, bytes: Uint8Array): Promise<Blob> {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  await replaceFile(blobPath(layout, digest), bytes);
  return { digest, size: bytes.byteLength };
}

/** Writes what flows in; its name is known when it has ended. */
export async function writeBlobStream(
  layout: string,
  source: Readable,
  ...through: readonly Transform[]
): Promise<Blob> {
  const temporary = join(layout, 'blobs', 'sha256', `.${randomUUID()}`);
  await mkdir(dirname(temporary), { recursive: true });
  const counter = hashing();
  try {
    await pipeline([source, ...through, counter.stream, createWriteStream(temporary)]);
    const { digest, size } = counter.result();
    await rename(temporary, blobPath(layout, digest));
    return { digest, size };
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A stream that lets everything through and knows its digest and size afterwards. */
export function hashing(): { readonly stream: Transform; readonly result: () => Blob } {
  const hash = createHash('sha256');
  let size = 0;
  const stream = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      size += chunk.byteLength;
      done(null, chunk);
    },
  });
  return { stream, result: () => ({ digest: `sha256:${hash.digest('hex')}`, size }) };
}

/** Readers see the old file or the new one, whole; so does a machine whose disk ran full. */
export async function replaceFile(path: string, contents: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}`);
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(temporary, contents);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
