/** The files of a cgroup (cgroup-v2.rst) as what its unit uses. Pure. */
import type { IoUsage, UnitUsage } from '../control/api-usage.ts';

/** A file's text by its name; empty for one that is not there, as the kernel or a controller lacks it. */
export type CgroupFile = (name: string) => string;

export function cpuUsage(file: CgroupFile): UnitUsage['cpu'] {
  const stat = keyed(file('cpu.stat'));
  const at = (name: string): number => stat.get(name) ?? 0;
  const usage = { usageUs: at('usage_usec'), userUs: at('user_usec'), systemUs: at('system_usec') };
  if (at('nr_periods') === 0) return usage;
  return {
    ...usage,
    periods: at('nr_periods'),
    throttledPeriods: at('nr_throttled'),
    throttledUs: at('throttled_usec'),
  };
}

export function memoryUsage(file: CgroupFile): UnitUsage['memory'] {
  const stat = keyed(file('memory.stat'));
  const events = keyed(file('memory.events'));
  const bytes = (name: string): number => stat.get(name) ?? 0;
  const event = (name: string): number => events.get(name) ?? 0;
  return {
    currentBytes: count(file('memory.current')) ?? 0,
    ...optional('peakBytes', count(file('memory.peak'))),
    ...optional('limitBytes', count(file('memory.max'))),
    ...optional('swapBytes', count(file('memory.swap.current'))),
    anonymousBytes: bytes('anon'),
    fileBytes: bytes('file'),
    shmemBytes: bytes('shmem'),
    kernelBytes: bytes('kernel'),
    events: {
      low: event('low'),
      high: event('high'),
      max: event('max'),
      oom: event('oom'),
      oomKill: event('oom_kill'),
    },
  };
}

export function pidsUsage(file: CgroupFile): UnitUsage['pids'] {
  return {
    current: count(file('pids.current')) ?? 0,
    ...optional('peak', count(file('pids.peak'))),
    ...optional('limit', count(file('pids.max'))),
  };
}

/** `254:0 rbytes=8192 wbytes=0 rios=2 wios=0 dbytes=0 dios=0`, a line for each disk. */
export function ioUsage(file: CgroupFile): IoUsage[] {
  return file('io.stat')
    .split('\n')
    .flatMap((line) => {
      const [device = '', ...words] = line.split(' ');
      const values = new Map(words.map((word) => [word.split('=')[0], word.split('=')[1]]));
      const at = (name: string): number => Number(values.get(name) ?? 0);
      const usage = {
        device,
        readBytes: at('rbytes'),
        writtenBytes: at('wbytes'),
        reads: at('rios'),
        writes: at('wios'),
      };
      // A disk that is gone has a number of its own, or none.
      return /^\d+:\d+$/.test(device) && usage.reads + usage.writes > 0 ? [usage] : [];
    });
}

/** `name 12` lines. */
export function keyed(text: string): ReadonlyMap<string, number> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const space = line.indexOf(' ');
      return space === -1 ? [] : [[line.slice(0, space), Number(line.slice(space + 1))] as const];
    }),
  );
}

/** `undefined` for `max` and for a file that is not there. */
export function count(text: string): number | undefined {
  const value = text.trim();
  return /^\d+$/.test(value) ? Number(value) : undefined;
}

function optional<K extends string>(key: K, value: number | undefined): { [P in K]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: number });
}
