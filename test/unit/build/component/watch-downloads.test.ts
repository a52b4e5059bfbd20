import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { watchDownloads } from '../../../../build/component/watch-downloads.ts';
import type { Progress, Transfer } from '../../../../build/progress.ts';

const SIZES = new Map([
  ['libc6=2', 300],
  ['redis=8', 500],
  ['kernel=6', 9000],
]);

it('what was here counts, also when it is gone, and nothing else does', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'ishmael-test-'));
  const redis = join(dir, 'redis');
  const kernel = join(dir, 'kernel');
  const archives = join(redis, 'mmdebstrap.x/var/cache/apt/archives/partial');
  const shown: (Transfer | undefined)[] = [];
  const lines: string[] = [];
  const progress: Progress = Object.assign((line: string) => void lines.push(line), {
    transfer: (transfer: Transfer | undefined) => void shown.push(transfer),
  });
  try {
    await mkdir(archives, { recursive: true });
    const watch = watchDownloads(
      SIZES,
      [
        { folder: redis, packages: ['libc6=2', 'redis=8'] },
        { folder: kernel, packages: ['kernel=6'] },
      ],
      progress,
    );
    expect(lines).toEqual(['pulling Debian packages (0.0 MB)']);
    const bytes = (): number => shown.at(-1)?.bytes ?? -1;
    await expect.poll(bytes).toBe(0);
    await writeFile(join(archives, 'libc6_2_amd64.deb'), Buffer.alloc(200));
    await writeFile(join(redis, 'packages.tar'), Buffer.alloc(4000));
    await expect.poll(bytes).toBe(200);
    await rm(redis, { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(shown.at(-1)).toEqual({ name: 'Debian packages', bytes: 200, total: 9800 });
    watch.done(redis);
    await expect.poll(bytes).toBe(800);
    watch.stop();
    expect(shown.at(-1)).toBe(undefined);
  } finally {
    await rm(dir, { recursive: true });
  }
});
