/** `stats`: what cgroups have counted, a line for each. Pure. */
import { sizeText } from '../../../supervisor/view/size-text.ts';
import { table } from '../../../supervisor/view/table.ts';
import type { UnitUsage } from '../../../supervisor/control/api-usage.ts';

const TITLES = [
  'SERVICE',
  '>CPU',
  '>WAITED',
  '>MEMORY',
  '>PEAK',
  '>LIMIT',
  '>PROCESSES',
  '>READ',
  '>WRITTEN',
  '>STALLED',
];

export function statsLines(usages: readonly UnitUsage[], width: number): readonly string[] {
  if (usages.length === 0) return ['No service runs.'];
  return table(TITLES, usages.map(cells), width);
}

function cells({ id, cpu, memory, pids, io, pressure }: UnitUsage): readonly string[] {
  const total = (name: 'readBytes' | 'writtenBytes'): number =>
    io.reduce((sum, disk) => sum + disk[name], 0);
  return [
    id,
    seconds(cpu.usageUs),
    seconds(cpu.throttledUs),
    sizeText(memory.currentBytes),
    size(memory.peakBytes),
    size(memory.limitBytes),
    pids.limit === undefined ? String(pids.current) : `${pids.current}/${pids.limit}`,
    sizeText(total('readBytes')),
    sizeText(total('writtenBytes')),
    seconds(pressure.memory?.some.totalUs),
  ];
}

/** `-` for what is not limited or not measured. */
function size(bytes: number | undefined): string {
  return bytes === undefined ? '-' : sizeText(bytes);
}

function seconds(us: number | undefined): string {
  return us === undefined ? '-' : `${(us / 1e6).toFixed(2)}s`;
}
