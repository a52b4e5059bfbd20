/** Telling a person how far a transfer is whose program says nothing without a terminal. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from './progress.ts';

export interface WatchedTransfer {
  readonly name: string;
  readonly total: number;
  /** How many bytes are here by now. */
  readonly fetched: () => Promise<number>;
  readonly progress: Progress;
}

/** Lines stay, a bar does not. */
const LINE_EVERY_MS = 5000;
const BAR_EVERY_MS = 250;

/** Says at once what is to come, then now and then how much of it is here. Returns what ends it. */
export function watchTransfer({ name, total, fetched, progress }: WatchedTransfer): () => void {
  progress(`pulling ${name} (${megabytes(total)} MB)`);
  const { transfer } = progress;
  let isOver = false;
  const tell = async (): Promise<void> => {
    const bytes = Math.min(await fetched(), total);
    if (isOver) return;
    if (transfer !== undefined) transfer({ name, bytes, total });
    else progress(`${name}: ${megabytes(bytes)} of ${megabytes(total)} MB`);
  };
  const timer = setInterval(
    () => void tell(),
    transfer === undefined ? LINE_EVERY_MS : BAR_EVERY_MS,
  );
  return () => {
    isOver = true;
    clearInterval(timer);
    transfer?.(undefined);
  };
}

/** The bytes of all files below a folder, which may come and go meanwhile. */
export async function bytesBelow(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        (status) => (status.isFile() ? status.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
