import { describe, expect, it } from 'vitest';
import { spreadOf } from '../../bench/statistics.ts';

describe('spreadOf()', () => {
  it('takes the middle of an odd number of values, whatever their order', () => {
    expect(spreadOf([30, 9, 100])).toEqual({ median: 30, min: 9, max: 100 });
  });

  it('takes the mean of the two in the middle of an even number', () => {
    expect(spreadOf([4, 1, 3, 100])).toEqual({ median: 3.5, min: 1, max: 100 });
  });

  it('says nothing of nothing', () => {
    expect(spreadOf([])).toBeUndefined();
  });
});
