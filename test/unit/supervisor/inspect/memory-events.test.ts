import { expect, it } from 'vitest';
import { oomKills } from '../../../../supervisor/inspect/memory-events.ts';

it('oomKills() counts kills, not allocations that merely failed', () => {
  expect(oomKills('low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 1\n')).toBe(2);
  expect(oomKills('low 0\noom 3\noom_kill 0\n')).toBe(0);
});

it('oomKills() is 0 where the kernel does not count them', () => {
  expect(oomKills('')).toBe(0);
});
