import { expect, it } from 'vitest';
import type { MachineLogLine } from '../../../../supervisor/control/api.ts';
import { LineQueue } from '../../../../supervisor/syslog/line-queue.ts';
import { SeenLines } from '../../../../supervisor/syslog/seen-lines.ts';

function line(seq: number, more: Partial<MachineLogLine> = {}): MachineLogLine {
  return { unit: 'a', seq, atMs: seq, stream: 'stdout', text: 'x'.repeat(872), ...more };
}

function drain(queue: LineQueue): number[] {
  const numbers: number[] = [];
  for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
    numbers.push(next.seq);
    queue.shift();
  }
  return numbers;
}

it('LineQueue gives lines back in their order', () => {
  const queue = new LineQueue();
  for (let seq = 1; seq <= 3000; seq += 1) queue.push(line(seq));
  expect(drain(queue)).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1));
  queue.shift();
  queue.push(line(7));
  expect(drain(queue)).toEqual([7]);
  expect(queue.lost).toBe(0);
});

it('LineQueue above its limit gives up the oldest and counts them', () => {
  const queue = new LineQueue(10_000);
  for (let seq = 1; seq <= 25; seq += 1) queue.push(line(seq));
  expect(queue.lost).toBe(15);
  queue.countLost(5);
  queue.takeLost(18);
  expect(queue.lost).toBe(2);
  expect(drain(queue)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
});

it('LineQueue keeps a line that is larger than itself', () => {
  const queue = new LineQueue(100);
  queue.push(line(1));
  queue.push(line(2));
  expect([drain(queue), queue.lost]).toEqual([[2], 1]);
});

it('SeenLines knows what is new, and what was missed', () => {
  const seen = new SeenLines();
  const numbers = [5, 6, 5, 6, 9, 9, 10];
  expect(numbers.map((seq) => seen.see(line(seq)))).toEqual([
    0,
    0,
    undefined,
    undefined,
    2,
    undefined,
    0,
  ]);
});

it('SeenLines tells logs apart, a unit from the kernel whose name it has', () => {
  const seen = new SeenLines();
  const { unit: _, ...kernel } = line(1, { stream: 'kernel' });
  expect(seen.see(line(1, { unit: 'kernel' }))).toBe(0);
  expect(seen.see(kernel)).toBe(0);
  expect(seen.see({ ...kernel, stream: 'ishmael' })).toBe(0);
  expect(seen.see(line(2, { unit: 'kernel', stream: 'stderr' }))).toBe(0);
  expect(seen.see({ ...kernel, seq: 3 })).toBe(1);
});

it('SeenLines begins anew with another generation', () => {
  const seen = new SeenLines();
  seen.see(line(50));
  seen.forget();
  expect(seen.see(line(1))).toBe(0);
});
