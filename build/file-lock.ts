/**
 * One process at a time. The lock is flock(2), held by a child (`flock` of util-linux) that lives as long
 * as its standard input: the kernel frees it even when this process is killed, so there are no stale locks.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toolPath } from './host-tools.ts';

/** Runs `work` while holding the lock `path` (a file, created when missing); waits for it as long as it takes. */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const holder = await acquire(path);
  try {
    return await work();
  } finally {
    await release(holder);
  }
}

function acquire(path: string): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const holder = spawn('flock', ['--no-fork', path, 'sh', '-c', 'echo held; exec cat'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: toolPath() },
      // Ctrl-C is for us to handle: the lock must outlive it until the work has ended.
      detached: true,
    });
    holder.stdout.once('data', () => resolve(holder));
    holder.once('error', reject);
    holder.once('exit', (code) => reject(new Error(`Cannot lock ${path}: flock exited ${code}`)));
  });
}

function release(holder: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    holder.once('close', () => resolve());
    holder.stdin?.end();
  });
}
