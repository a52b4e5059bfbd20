import { expect, it } from 'vitest';
import { parseMeminfo } from '../../../../supervisor/inspect/meminfo.ts';

it('parseMeminfo() has KiB, and 0 for what the kernel does not count', () => {
  const text = 'MemTotal:         497276 kB\nMemAvailable:     376400 kB\nAnonPages:  1204 kB\n';
  expect(parseMeminfo(text)).toMatchObject({
    totalKiB: 497_276,
    availableKiB: 376_400,
    anonymousKiB: 1204,
    swapTotalKiB: 0,
  });
});
