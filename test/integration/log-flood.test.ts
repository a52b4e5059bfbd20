import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { GUEST_FLAGS } from '../../build/binary/guest-flags.ts';

const CHILD = join(import.meta.dirname, 'log-flood-child.ts');

interface Measured {
  readonly megabytesPerSecond: number;
  readonly cpuShare: number;
  readonly lateMs: { readonly p99: number; readonly max: number };
  readonly grownKiB: number;
  readonly neighbourLinesPerSecond: number;
}

let measured: Measured;

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'flood-'));
  try {
    const args = [...GUEST_FLAGS, CHILD, directory, '3'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    measured = JSON.parse(stdout) as Measured;
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it('a flood of 100-byte lines is taken in at 100 MB/s and more', () => {
  expect(measured.megabytesPerSecond).toBeGreaterThan(100);
});

// Not the maximum: on a busy machine the kernel alone is late by more.
it('a flood makes 99 of 100 timers late by at most 50 ms', () => {
  expect(measured.lateMs.p99).toBeLessThan(50);
});

it('a flood does not grow the process by more than 16 MiB, however much comes', () => {
  expect(measured.grownKiB).toBeLessThan(16_384);
});

it('a flood does not silence the neighbour, who says 20 lines in a second', () => {
  expect(measured.neighbourLinesPerSecond).toBeGreaterThan(10);
});
