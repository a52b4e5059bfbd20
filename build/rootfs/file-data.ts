/** Reading what a tree only points at. */
import { open } from 'node:fs/promises';
import type { FileData } from './tree.ts';

export class FileDataError extends Error {
  override readonly name = 'FileDataError';
}

export function fileDataSize(data: FileData): number {
  return data.kind === 'bytes' ? data.bytes.byteLength : data.size;
}

/** The whole contents. Rejects with `FileDataError` when the host's file became shorter than recorded. */
export async function readFileData(data: FileData): Promise<Uint8Array> {
  if (data.kind === 'bytes') return data.bytes;
  const offset = data.kind === 'host-range' ? data.offset : 0;
  const buffer = Buffer.allocUnsafe(data.size);
  const file = await open(data.path, 'r');
  try {
    let filled = 0;
    while (filled < data.size) {
      const { bytesRead } = await file.read(buffer, filled, data.size - filled, offset + filled);
      if (bytesRead === 0) {
        throw new FileDataError(`Cannot read ${data.path}: it ended before ${offset + data.size}`);
      }
      filled += bytesRead;
    }
  } finally {
    await file.close();
  }
  return buffer;
}

const CHUNK = 1 << 20;

/** The contents piece by piece: a file larger than memory can pass. Fails as `readFileData` does. */
export async function* streamFileData(data: FileData): AsyncGenerator<Uint8Array> {
  if (data.kind === 'bytes') {
    yield data.bytes;
    return;
  }
  const start = data.kind === 'host-range' ? data.offset : 0;
  const file = await open(data.path, 'r');
  try {
    for (let done = 0; done < data.size;) {
      const length = Math.min(CHUNK, data.size - done);
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(length),
        0,
        length,
        start + done,
      );
      if (bytesRead === 0) {
        throw new FileDataError(`Cannot read ${data.path}: it ended before ${start + data.size}`);
      }
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
