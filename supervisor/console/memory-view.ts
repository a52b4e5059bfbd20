/** `mem`: what the memory is used for, and by whom. Pure. */
import type { MemoryInfo, PressureInfo } from '../control/api-machine.ts';
import type { UsageSummary } from '../control/api-usage.ts';
import { printable } from '../view/printable.ts';
import { percentText, sizeText } from '../view/size-text.ts';
import { table } from '../view/table.ts';

export interface MemoryFacts {
  readonly memory: MemoryInfo;
  readonly usage: readonly UsageSummary[];
  readonly pressure: PressureInfo;
}

export function memoryLines(
  { memory, usage, pressure }: MemoryFacts,
  width: number,
): readonly string[] {
  const kib = (value: number): string => sizeText(value * 1024);
  const { totalKiB: total } = memory;
  const parts: readonly (readonly [what: string, kib: number])[] = [
    ['available', memory.availableKiB],
    ['free', memory.freeKiB],
    ['programs', memory.anonymousKiB],
    ['files in memory', memory.shmemKiB],
    ['cache of files', Math.max(0, memory.cachedKiB - memory.shmemKiB) + memory.buffersKiB],
    ['kernel', memory.slabKiB + memory.kernelStackKiB + memory.pageTablesKiB],
    ['swap in use', memory.swapTotalKiB - memory.swapFreeKiB],
  ];
  const rows = parts
    .filter(([what, value]) => what !== 'swap in use' || value > 0)
    .map(([what, value]) => [what, kib(value), percentText(value, total)]);
  const units = usage
    .toSorted((a, b) => b.memoryBytes - a.memoryBytes)
    .map(({ id, memoryBytes, pids }) => [
      printable(id),
      sizeText(memoryBytes),
      percentText(memoryBytes, total * 1024),
      String(pids),
    ]);
  const waited = pressure.memory?.some.avg60;
  return [
    `${kib(total)} of memory${waited === undefined ? '' : `; waited for ${waited}% of the last minute`}`,
    ...table(['WHAT', '>SIZE', '>SHARE'], rows, width),
    ...(units.length === 0
      ? []
      : ['', ...table(['UNIT', '>MEMORY', '>SHARE', '>PROCESSES'], units, width)]),
  ];
}
