/**
 * How fast PID 1 takes in what a service writes, on this machine and without a VM: with the rate limit that
 * every service has, above which lines are only counted, and without one, where every line goes into the
 * files and the ring.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GUEST_FLAGS } from '../../build/binary/guest-flags.ts';
import { CHECKOUT } from '../../build/cli/checkout.ts';
import type { Measurement, Outcome } from './measurement.ts';
import { atLeast, atMost, type Target } from './target.ts';

const CHILD = join(CHECKOUT, 'test/integration/log-flood-child.ts');
const SECONDS = 5;

/** What log-flood-child.ts prints. */
export interface FloodFigures {
  readonly megabytesPerSecond: number;
  readonly keptShare: number;
  /** Of one processor, all threads of the reader together. */
  readonly cpuShare: number;
  readonly lateMs: { readonly p99: number; readonly max: number };
  readonly grownKiB: number;
  readonly neighbourLinesPerSecond: number;
}

export const logs: Measurement = {
  name: 'logs',
  about: 'a service that writes lines of 100 bytes as fast as it can',
  measure: async () => logsOutcome({ limited: await flood(), kept: await flood('keep') }),
};

async function flood(...mode: readonly string[]): Promise<FloodFigures> {
  // In memory, as /run/log is in the machine.
  const directory = await mkdtemp('/dev/shm/ishmael-bench-');
  try {
    const args = [...GUEST_FLAGS, CHILD, directory, String(SECONDS), ...mode];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    return JSON.parse(stdout) as FloodFigures;
  } finally {
    await rm(directory, { recursive: true });
  }
}

export function logsOutcome(figures: {
  readonly limited: FloodFigures;
  readonly kept: FloodFigures;
}): Outcome {
  const { limited, kept } = figures;
  const row = (label: string, of: (measured: FloodFigures) => string): string[] => [
    label,
    of(limited),
    of(kept),
  ];
  return {
    tables: [
      {
        title: 'lines of 100 bytes from one service, natively',
        rows: [
          ['', 'default rate limit', 'every line kept'],
          row('MB/s', ({ megabytesPerSecond }) => megabytesPerSecond.toFixed(0)),
          row('of one processor, %', ({ cpuShare }) => (cpuShare * 100).toFixed(0)),
          row('lines kept, %', ({ keptShare }) => (keptShare * 100).toFixed(2)),
          row('timers late, p99, ms', ({ lateMs }) => lateMs.p99.toFixed(1)),
          row('timers late, at most, ms', ({ lateMs }) => lateMs.max.toFixed(1)),
          row('process grown, MiB', ({ grownKiB }) => (grownKiB / 1024).toFixed(1)),
          row("neighbour's lines in a second, of 20", ({ neighbourLinesPerSecond }) =>
            neighbourLinesPerSecond.toFixed(1),
          ),
        ],
      },
    ],
    targets: [...floodTargets('default limit', limited), ...floodTargets('all kept', kept)],
    figures,
  };
}

function floodTargets(which: string, { megabytesPerSecond, lateMs }: FloodFigures): Target[] {
  return [
    atLeast(`log of 100-byte lines, ${which}`, megabytesPerSecond, { limit: 100, unit: 'MB/s' }),
    atMost(`timers late by at most, ${which}`, lateMs.max, { limit: 50, unit: 'ms' }),
  ];
}
