import { describe, expect, it } from 'vitest';
import { hundredOutcome } from '../../bench/hundred/hundred.ts';
import { type Memory, parseMemory } from '../../bench/hundred/memory.ts';

const MEMINFO = [
  'MemTotal:         500000 kB',
  'MemAvailable:     300000 kB',
  'AnonPages:         20000 kB',
  'Shmem:              5000 kB',
  'KernelStack:        1000 kB',
  'PageTables:         2000 kB',
  'SecPageTables:         0 kB',
  'Slab:              30000 kB',
  'SReclaimable:      10000 kB',
  'Percpu:              400 kB',
  'RssAnon:\t   12000 kB',
].join('\n');

it('parseMemory() reads what is used, by whom', () => {
  expect(parseMemory(MEMINFO)).toMatchObject({
    usedKiB: 200_000,
    initKiB: 12_000,
    partsKiB: { Slab: 30_000, PageTables: 2_000 },
  });
  expect(() => parseMemory(MEMINFO.replace('Slab', 'Slap'))).toThrow('Slab');
});

describe('hundredOutcome()', () => {
  const memory = (usedKiB: number): Memory => ({ ...parseMemory(MEMINFO), usedKiB });
  const targets = (startMs: number, servicesKiB: number): readonly boolean[] =>
    hundredOutcome({
      startMs,
      bootMs: startMs + 100,
      loop: { startMs: 1000, bootMs: 1100 },
      without: memory(100_000),
      withServices: memory(100_000 + servicesKiB),
      withProcesses: memory(110_000),
    }).targets.map(({ reached }) => reached);

  it('takes from the memory of services what their processes need alone', () => {
    // 100 services with 292 KiB each beside the 100 KiB of their processes: 299 kB.
    expect(targets(1300, 39_200)).toEqual([true, true, true]);
    expect(targets(1300, 39_500)).toEqual([true, true, false]);
  });

  it('allows 1.3 times the shell loop', () => {
    expect(targets(1301, 39_200)[0]).toBe(false);
  });
});
