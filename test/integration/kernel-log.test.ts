import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  type KernelLog,
  type RecordSource,
  watchKernelLog,
} from '../../supervisor/log/kernel-log.ts';
import { LogFile } from '../../supervisor/log/log-file.ts';

/** As the device: what the kernel still has, from its oldest record on for each that opens it. */
class FakeKernel {
  private readonly records: { readonly seq: number; readonly text: string }[] = [];
  private nextSeq = 0;

  say(...texts: readonly string[]): void {
    for (const text of texts) this.records.push({ seq: this.nextSeq++, text });
  }

  /** Its buffer is too small for the oldest records. */
  forget(count: number): void {
    this.records.splice(0, count);
  }

  open(): RecordSource {
    let next = this.records[0]?.seq ?? this.nextSeq;
    return {
      read: () => {
        const oldest = this.records[0]?.seq ?? this.nextSeq;
        if (next < oldest) {
          next = oldest;
          return 'overwritten';
        }
        const record = this.records[next - oldest];
        if (record === undefined) return undefined;
        next += 1;
        return Buffer.from(`6,${record.seq},${record.seq}000,-;${record.text}\n`);
      },
      close: () => undefined,
    };
  }
}

let directory: string;
let kernel: FakeKernel;
let log: KernelLog;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kernel-log-'));
  kernel = new FakeKernel();
});

afterEach(() => {
  log.close();
  rmSync(directory, { recursive: true });
});

function watch(maxFileBytes = 1_000_000): void {
  log = watchKernelLog({
    nowMs: () => performance.now(),
    file: new LogFile(join(directory, 'kernel.log'), { maxFileBytes, maxFiles: 2 }),
    openDevice: () => kernel.open(),
  });
  log.poll();
}

function inRing(): string[] {
  return log.ring.recent(1_000_000).map(({ text }) => text);
}

function inFile(name = 'kernel.log'): string[] {
  const lines = readFileSync(join(directory, name), 'utf8').trimEnd().split('\n');
  return lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, ''));
}

it('watchKernelLog() keeps each record, with its time and number', async () => {
  kernel.say('Linux version 6', 'one\\x0atwo');
  watch();
  expect(log.ring.recent(9)).toEqual([
    { seq: 1, atMs: 0, stream: 'kernel', text: 'Linux version 6', priority: 6 },
    { seq: 2, atMs: 1, stream: 'kernel', text: 'one', priority: 6 },
    { seq: 3, atMs: 1, stream: 'kernel', text: 'two', priority: 6 },
  ]);
  kernel.say('later');
  await expect.poll(inRing, { timeout: 5000 }).toContain('later');
  expect(inFile()).toEqual([
    'kern.info 0: Linux version 6',
    'kern.info 1: one',
    'kern.info 1: two',
    'kern.info 2: later',
  ]);
});

it('watchKernelLog() reads on after more than one portion', async () => {
  const texts = Array.from({ length: 5000 }, (_, index) => `message ${index}`);
  kernel.say(...texts);
  watch();
  await expect.poll(() => inFile().length, { timeout: 10_000 }).toBe(5000);
  expect(inRing().at(-1)).toBe('message 4999');
});

it('watchKernelLog() says how many records were overwritten, at the beginning and between', () => {
  kernel.say('a', 'b', 'c');
  kernel.forget(2);
  watch();
  kernel.say('d', 'e', 'f');
  kernel.forget(3);
  log.poll();
  const expected = [
    '2 kernel messages lost: overwritten before they were read',
    'c',
    '2 kernel messages lost: overwritten before they were read',
    'f',
  ];
  expect(inRing()).toEqual(expected);
  expect(inFile()).toEqual([
    `kern.warning 1: ${expected[0]}`,
    'kern.info 2: c',
    `kern.warning 4: ${expected[2]}`,
    'kern.info 5: f',
  ]);
});

it('watchKernelLog() of a next generation writes no record twice and leaves none out', () => {
  kernel.say('a', 'b\\x0ab2');
  watch();
  log.close();
  kernel.say('c', 'd');
  kernel.forget(1);
  watch();
  expect(inFile()).toEqual([
    'kern.info 0: a',
    'kern.info 1: b',
    'kern.info 1: b2',
    'kern.info 2: c',
    'kern.info 3: d',
  ]);
  expect(inRing()).toEqual(['b', 'b2', 'c', 'd']);
  log.close();
  watch();
  expect(inFile().length).toBe(5);
});

it('watchKernelLog() of a next generation finds its place in the file before when one was just begun', () => {
  watch(60);
  for (const text of ['a', 'b', 'c']) {
    kernel.say(text);
    log.poll();
  }
  rmSync(join(directory, 'kernel.log'));
  log.close();
  watch(1000);
  expect(inFile('kernel.log.1')).toEqual(['kern.info 1: b']);
  expect(inFile()).toEqual(['kern.info 2: c']);
});
