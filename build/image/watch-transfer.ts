/** Telling a person how far a transfer is: skopeo itself says nothing without a terminal. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../progress.ts';
import type { Descriptor } from './oci-format.ts';

export interface WatchedTransfer {
  /** The layout that is being filled. */
  readonly layout: string;
  readonly layers: readonly Descriptor[];
  readonly name: string;
  readonly progress: Progress;
}

/** Lines stay, a bar does not. */
const LINE_EVERY_MS = 5000;
const BAR_EVERY_MS = 250;

/** Says at once what is to come, then now and then how much of it is here. Returns what ends it. */
export function watchTransfer({ layout, layers, name, progress }: WatchedTransfer): () => void {
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  progress(`pulling ${name} (${megabytes(total)} MB)`);
  const { transfer } = progress;
  let isOver = false;
  const tell = async (): Promise<void> => {
    const bytes = Math.min(await fetched(layout), total);
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

/** Whole blobs, and those that skopeo is writing (beside them, under names of its own). */
async function fetched(layout: string): Promise<number> {
  const names = await readdir(layout, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(layout, name)).then(
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
