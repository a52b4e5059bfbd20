import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseProcessStat } from '../../../../build/machine/process-stat.ts';

describe('parseProcessStat()', () => {
  it('finds state and start time behind a name with brackets and blanks', () => {
    const fields = Array.from({ length: 49 }, (_, index) => index + 4);
    expect(parseProcessStat(`7 (a) Z (b c) S ${fields.join(' ')}\n`)).toEqual({
      state: 'S',
      startTicks: 22,
    });
  });

  it('reads what this kernel says about this process', () => {
    const stat = parseProcessStat(readFileSync('/proc/self/stat', 'utf8'));
    expect(stat?.state).toMatch(/^[RS]$/);
    expect(stat?.startTicks).toBeGreaterThan(0);
  });

  it.each(['', 'nonsense', '7 (x) S 1 2 3'])('is undefined for %j', (line) => {
    expect(parseProcessStat(line)).toBeUndefined();
  });
});
