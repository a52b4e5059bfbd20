import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { mergeByTime } from '../../../../supervisor/log/merge-by-time.ts';

const merge = (...lists: readonly (readonly number[])[]): number[] => [
  ...mergeByTime(lists, (time) => time),
];

it('mergeByTime() goes by time, the earlier list first', () => {
  expect(merge([1, 4], [], [2, 3, 9])).toEqual([1, 2, 3, 4, 9]);
  const tagged = [...mergeByTime([['a1'], ['b1']], () => 1)];
  expect(tagged).toEqual(['a1', 'b1']);
});

it('mergeByTime() has nothing of nothing', () => {
  expect(merge()).toEqual([]);
  expect(merge([], [])).toEqual([]);
});

it('mergeByTime() keeps every item and the order of each list', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat({ max: 9 }))), (times) => {
      const lists = times.map((list, from) => list.map((time, at) => ({ time, from, at })));
      const merged = [...mergeByTime(lists, ({ time }) => time)];
      lists.forEach((list, from) => {
        expect(merged.filter((item) => item.from === from)).toEqual(list);
      });
      const sorted = times.map((list) => list.toSorted((a, b) => a - b));
      expect([...mergeByTime(sorted, (time) => time)]).toEqual(
        times.flat().toSorted((a, b) => a - b),
      );
    }),
  );
});
