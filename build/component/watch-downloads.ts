/** How far the Debian packages of several components are: mmdebstrap says nothing without a terminal. */
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
        const bytes = await bytesBelow(folder, isPackage);
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

/** Where apt puts them below the root that mmdebstrap makes; what is unpacked of them is beside that. */
function isPackage(path: string): boolean {
  return join('/', path).includes('/var/cache/apt/archives/') && path.endsWith('.deb');
}
