/** Reads what a unit's cgroup uses. */
import { existsSync } from 'node:fs';
import type { UnitUsage, UsageSummary } from '../control/api-usage.ts';
import { count, cpuUsage, ioUsage, memoryUsage, pidsUsage } from './cgroup-usage.ts';
import { pressureOf } from './machine-facts.ts';
import { readIfThere } from './unless-gone.ts';

/** `undefined` while there is no such cgroup: its unit does not run. */
export function unitUsage(id: string, cgroup: string, atMs: number): UnitUsage | undefined {
  const directory = directoryOf(cgroup);
  if (!existsSync(directory)) return undefined;
  const file = (name: string): string => readIfThere(`${directory}/${name}`);
  return {
    id,
    atMs,
    cpu: cpuUsage(file),
    memory: memoryUsage(file),
    io: ioUsage(file),
    pids: pidsUsage(file),
    pressure: pressureOf((resource) => `${directory}/${resource}.pressure`),
  };
}

/** Three small files for each unit: this may be asked once a second for hundreds of them. */
export function usageSummary(id: string, cgroup: string): UsageSummary | undefined {
  const directory = directoryOf(cgroup);
  const cpu = readIfThere(`${directory}/cpu.stat`);
  if (cpu === '') return undefined;
  return {
    id,
    cpuUs: cpuUsage(() => cpu).usageUs,
    memoryBytes: count(readIfThere(`${directory}/memory.current`)) ?? 0,
    pids: count(readIfThere(`${directory}/pids.current`)) ?? 0,
  };
}

function directoryOf(cgroup: string): string {
  return `/sys/fs/cgroup${cgroup}`;
}
