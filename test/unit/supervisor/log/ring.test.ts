import { expect, it } from 'vitest';
import { LogRing } from '../../../../supervisor/log/ring.ts';

it('LogRing keeps the newest lines within its bytes and numbers all of them', () => {
  const ring = new LogRing(10_000);
  for (let i = 0; i < 5000; i += 1) ring.add(i, 'stdout', `line ${i}`);
  const lines = ring.recent(5000);
  expect(lines.at(-1)).toMatchObject({ seq: 5000, text: 'line 4999' });
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.length).toBeLessThan(200);
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, i) => 5000 - lines.length + 1 + i));
});

it('LogRing keeps a line that is larger than itself', () => {
  const ring = new LogRing(100);
  ring.add(0, 'stderr', 'x'.repeat(1000));
  expect(ring.recent(10).length).toBe(1);
});

it('LogRing.recent() gives the asked number, oldest first', () => {
  const ring = new LogRing();
  ['a', 'b', 'c'].forEach((text) => ring.add(0, 'stdout', text));
  expect(ring.recent(2).map(({ text }) => text)).toEqual(['b', 'c']);
  expect(ring.recent(0)).toEqual([]);
});

it('LogRing.follow() hears new lines until it is ended', () => {
  const ring = new LogRing();
  const heard: string[] = [];
  ring.add(0, 'stdout', 'before');
  const unfollow = ring.follow(({ text }) => heard.push(text));
  ring.add(0, 'stdout', 'during');
  unfollow();
  ring.add(0, 'stdout', 'after');
  expect(heard).toEqual(['during']);
});

it('LogRing holds on to little of what it has dropped', () => {
  const ring = new LogRing(10_000);
  for (let i = 0; i < 5_000; i += 1) ring.add(i, 'stdout', 'x'.repeat(1_000));
  // Not part of what it promises, but of what it costs: lines of 8 KiB by the thousand would be megabytes.
  const held = Reflect.get(ring, 'lines') as readonly unknown[];
  expect(held.length).toBeLessThan(40);
  expect(ring.recent(100).map(({ seq }) => seq)).toEqual([
    4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999, 5000,
  ]);
});
