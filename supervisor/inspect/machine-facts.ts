/** Reads what the kernel counts of the machine as a whole. */
import { readFileSync } from 'node:fs';
import type { CpuInfo, LoadInfo, MemoryInfo, PressureInfo } from '../control/api-machine.ts';
import { parseLoadavg, parseProcStat } from './cpu.ts';
import { parseMeminfo } from './meminfo.ts';
import { parsePressure } from './pressure.ts';
import { readIfThere } from './unless-gone.ts';

export function machineLoad(): LoadInfo {
  return parseLoadavg(readFileSync('/proc/loadavg', 'utf8'));
}

export function machineCpu(nowMs: number): CpuInfo {
  const counters = parseProcStat(readFileSync('/proc/stat', 'utf8'));
  return { atMs: nowMs, load: machineLoad(), ...counters };
}

export function machineMemory(): MemoryInfo {
  return parseMeminfo(readFileSync('/proc/meminfo', 'utf8'));
}

/** Files `cpu`, `memory` and `io` of /proc/pressure, or `cpu.pressure` and so on of a cgroup. */
export function pressureOf(fileOf: (resource: string) => string): PressureInfo {
  return Object.fromEntries(
    ['cpu', 'memory', 'io'].flatMap((resource) => {
      const pressure = parsePressure(readIfThere(fileOf(resource)));
      return pressure === undefined ? [] : [[resource, pressure]];
    }),
  );
}

export function machinePressure(): PressureInfo {
  return pressureOf((resource) => `/proc/pressure/${resource}`);
}
