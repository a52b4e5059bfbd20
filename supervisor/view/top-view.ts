/** `top`: what units use now, from two looks at counters. Pure. */
import type { UnitStatus } from '../control/api.ts';
import type { CpuInfo, MemoryInfo } from '../control/api-machine.ts';
import type { UsageSummary } from '../control/api-usage.ts';
import { printable } from './printable.ts';
import { percentText, sizeText } from './size-text.ts';
import { table } from './table.ts';
import { durationText } from './time-text.ts';

export interface Look {
  readonly atMs: number;
  readonly cpu: CpuInfo;
  readonly memory: MemoryInfo;
  readonly usage: readonly UsageSummary[];
  readonly units: readonly UnitStatus[];
}

/** @param before the look before this one; without it the shares are those since the units were started */
export function topLines(now: Look, before: Look | undefined, width: number): readonly string[] {
  const sinceMs = now.atMs - (before?.atMs ?? 0);
  const usedUs = new Map(before?.usage.map(({ id, cpuUs }) => [id, cpuUs]));
  const usage = new Map(now.usage.map((one) => [one.id, one]));
  const rows = now.units
    .filter(({ kind, state }) => kind !== 'onshutdown' && state !== 'finished')
    .map((unit) => {
      const used = usage.get(unit.id);
      // A unit started again counts from nothing.
      const earlier = usedUs.get(unit.id) ?? 0;
      const cpuUs = used === undefined ? 0 : used.cpuUs - (earlier > used.cpuUs ? 0 : earlier);
      return { unit, used, cpuUs };
    })
    .toSorted(
      (a, b) => b.cpuUs - a.cpuUs || (b.used?.memoryBytes ?? 0) - (a.used?.memoryBytes ?? 0),
    );
  const cells = rows.map(({ unit, used, cpuUs }) => [
    printable(unit.name),
    unit.health === undefined || unit.health === 'none' ? unit.state : unit.health,
    used === undefined || sinceMs <= 0 ? '-' : `${(cpuUs / sinceMs / 10).toFixed(1)}%`,
    used === undefined ? '-' : sizeText(used.memoryBytes),
    used === undefined ? '-' : String(used.pids),
    String(unit.restarts),
    unit.state === 'waiting' ? '-' : durationText(now.atMs - unit.sinceMs),
  ]);
  const titles = ['UNIT', 'STATE', '>CPU', '>MEMORY', '>PROCESSES', '>RESTARTS', '>SINCE'];
  return [...headLines(now, before), '', ...table(titles, cells, width)];
}

function headLines(now: Look, before: Look | undefined): readonly string[] {
  const { load, total, cpus } = now.cpu;
  const was = before?.cpu.total;
  const ran = (name: keyof typeof total): number => total[name] - (was?.[name] ?? 0);
  const names = [
    'userMs',
    'niceMs',
    'systemMs',
    'idleMs',
    'ioWaitMs',
    'irqMs',
    'softIrqMs',
    'stealMs',
  ] as const;
  const all = names.reduce((sum, name) => sum + ran(name), 0);
  const { totalKiB, availableKiB } = now.memory;
  const processors = cpus.length === 1 ? '1 processor' : `${cpus.length} processors`;
  const shares = [
    `user ${percentText(ran('userMs') + ran('niceMs'), all)}`,
    `system ${percentText(ran('systemMs') + ran('irqMs') + ran('softIrqMs'), all)}`,
    `disk ${percentText(ran('ioWaitMs'), all)}`,
    `idle ${percentText(ran('idleMs'), all)}`,
  ];
  return [
    `up ${durationText(now.atMs)}, load ${load.one} ${load.five} ${load.fifteen}, ${load.threads} threads`,
    `${processors}: ${shares.join(', ')}`,
    `memory: ${sizeText((totalKiB - availableKiB) * 1024)} of ${sizeText(totalKiB * 1024)} used`,
  ];
}
