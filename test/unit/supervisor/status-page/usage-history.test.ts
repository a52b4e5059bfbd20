import { expect, it } from 'vitest';
import {
  SAMPLE_MS,
  SLOTS,
  UsageHistory,
} from '../../../../supervisor/status-page/usage-history.ts';

it('UsageHistory has nothing at first', () => {
  expect(new UsageHistory().series().cpu).toEqual(Array.from({ length: SLOTS }));
});

it('UsageHistory keeps the last hour, oldest first', () => {
  const history = new UsageHistory();
  for (let slot = 0; slot < SLOTS + 5; slot += 1) history.add(slot * SAMPLE_MS, slot / 1024, 0.5);
  const { cpu, memory } = history.series();
  expect(cpu).toHaveLength(SLOTS);
  expect([cpu[0], cpu.at(-1)]).toEqual([5 / 1024, (SLOTS + 4) / 1024]);
  expect(memory.every((share) => share === 0.5)).toBe(true);
});

it('UsageHistory leaves a gap where nobody has looked', () => {
  const history = new UsageHistory();
  history.add(0, 0.25, 0.25);
  history.add(3 * SAMPLE_MS, 0.5, 0.5);
  expect(history.series().cpu.slice(-4)).toEqual([0.25, undefined, undefined, 0.5]);
  history.add(2 * SLOTS * SAMPLE_MS, 0.75, 0.75);
  expect(history.series().cpu.filter((share) => share !== undefined)).toEqual([0.75]);
});

it('UsageHistory takes nothing from before', () => {
  const history = new UsageHistory();
  history.add(9 * SAMPLE_MS, 0.5, 0.5);
  history.add(8 * SAMPLE_MS, 1, 1);
  expect(history.series().cpu.slice(-2)).toEqual([undefined, 0.5]);
});
