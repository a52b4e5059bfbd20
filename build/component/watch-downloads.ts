/** How far the Debian packages of several components are: mmdebstrap says nothing without a terminal. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../progress.ts';
import { bytesBelow, watchTransfer } from '../watch-transfer.ts';

export interface Download {
  /** Below it the packages appear, and are gone again before the component is done. */
  readonly folder: string;
  /** `package=version` */
  readonly packages: readonly string[];
}

export interface DownloadWatch {
  /** All packages of this folder have been here. */
  done(folder: string): void;
  stop(): void;
}

/** `sizes` in bytes, by `package=version`. */
export function watchDownloads(
  sizes: ReadonlyMap<string, number>,
  downloads: readonly Download[],
  progress: Progress,
): DownloadWatch {
  const totals = new Map(
    downloads.map(({ folder, packages }) => [
      folder,
      sum(packages.map((each) => sizes.get(each) ?? 0)),
    ]),
  );
  const seen = new Map<string, number>();
  const stop = watchTransfer({
    name: 'Debian packages',
    total: sum(totals.values()),
    async fetched() {
      for (const { folder } of downloads) {
        const bytes = await downloaded(folder);
        seen.set(folder, Math.max(bytes, seen.get(folder) ?? 0));
      }
      return sum(seen.values());
    },
    progress,
  });
  return { done: (folder) => void seen.set(folder, totals.get(folder) ?? 0), stop };
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, each) => total + each, 0);
}

/** apt puts them below the roots that mmdebstrap makes, beside thousands of files that are unpacked of them. */
async function downloaded(folder: string): Promise<number> {
  const roots = await readdir(folder).catch(() => []);
  return sum(
    await Promise.all(
      roots.map((root) => bytesBelow(join(folder, root, 'var/cache/apt/archives'))),
    ),
  );
}
