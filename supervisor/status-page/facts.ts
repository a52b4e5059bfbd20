/** What the page shows, as the control API has told it, and what follows from it. Pure. */
import type {
  BootReport,
  HistoryEntry,
  MachineInfo,
  MachineLogLine,
  UnitStatus,
} from '../control/api.ts';
import type { CpuInfo, CpuTimes, ImageInfo } from '../control/api-machine.ts';
import type { UsageSummary } from '../control/api-usage.ts';
import type { SoftwareImage } from './software.ts';
import type { UsageSeries } from './usage-history.ts';

export interface Facts {
  readonly machine: MachineInfo;
  readonly cpu: CpuInfo;
  readonly units: readonly UnitStatus[];
  readonly usage: readonly UsageSummary[];
  readonly image: ImageInfo;
  readonly boot: BootReport;
}

export interface UnitRow {
  readonly unit: UnitStatus;
  readonly memoryBytes?: number;
  /** Of one processor; 1 is one that does nothing else. */
  readonly cpuShare?: number;
}

/** All of the page but its log, which each reader chooses. */
export interface PageFacts extends Facts {
  readonly rows: readonly UnitRow[];
  /** Newest last. */
  readonly events: readonly HistoryEntry[];
  readonly series: UsageSeries;
  /** `undefined`: the image was built without a bill of materials. */
  readonly software?: readonly SoftwareImage[];
}

/** A log that somebody reads: `all`, the id of a unit, `kernel` or `ishmael`. */
export interface LogChoice {
  readonly name: string;
  readonly lines: readonly MachineLogLine[];
}

/** Share of all processors that was not idle between two looks; `undefined` when no time has passed. */
export function cpuShare(before: CpuTimes, after: CpuTimes): number | undefined {
  const idle = after.idleMs + after.ioWaitMs - before.idleMs - before.ioWaitMs;
  const all = sum(after) - sum(before);
  return all > 0 ? Math.min(1, Math.max(0, 1 - idle / all)) : undefined;
}

function sum(times: CpuTimes): number {
  const { userMs, niceMs, systemMs, idleMs, ioWaitMs, irqMs, softIrqMs, stealMs } = times;
  return userMs + niceMs + systemMs + idleMs + ioWaitMs + irqMs + softIrqMs + stealMs;
}

export function memoryShare({ memory }: Pick<MachineInfo, 'memory'>): number {
  return memory.totalKiB > 0 ? 1 - memory.availableKiB / memory.totalKiB : 0;
}

/** @param before an earlier look, for what happened since */
export function unitRows(now: Facts, before: Facts | undefined): UnitRow[] {
  const elapsedMs = before === undefined ? 0 : now.cpu.atMs - before.cpu.atMs;
  const [usage, earlier] = [byId(now.usage), byId(before?.usage ?? [])];
  return now.units.map((unit) => {
    const used = usage.get(unit.id);
    if (used === undefined) return { unit };
    const was = earlier.get(unit.id);
    // Less than before: another run of it, with a cgroup of its own.
    const isSame = was !== undefined && elapsedMs > 0 && used.cpuUs >= was.cpuUs;
    const share = isSame ? { cpuShare: (used.cpuUs - was.cpuUs) / 1000 / elapsedMs } : {};
    return { unit, memoryBytes: used.memoryBytes, ...share };
  });
}

function byId(usage: readonly UsageSummary[]): ReadonlyMap<string, UsageSummary> {
  return new Map(usage.map((each) => [each.id, each]));
}

/** Whose log is meant; `undefined` where there is none of that name. */
export function logPath(units: readonly UnitStatus[], name: string): string | undefined {
  if (name === 'kernel' || name === 'ishmael') return `/v1/logs/${name}?tail=200`;
  if (!units.some(({ id }) => id === name)) return undefined;
  return `/v1/services/${encodeURIComponent(name)}/logs?tail=200`;
}

/** Whether a line of the machine's log belongs to the chosen one. */
export function isOfLog(line: MachineLogLine, name: string): boolean {
  return name === 'all' || (line.unit ?? line.stream) === name;
}

export type Standing = 'good' | 'busy' | 'bad' | 'quiet';

/** How a unit does, as a colour and a sign say it. */
export function standing({ state, health }: UnitStatus): Standing {
  if (state === 'failed' || state === 'backoff' || health === 'unhealthy') return 'bad';
  if (state === 'running' || state === 'finished') return 'good';
  return state === 'stopped' ? 'quiet' : 'busy';
}

/** The machine in one sentence. */
export function summary({ machine, units }: Pick<Facts, 'machine' | 'units'>): string {
  if (machine.phase === 'emergency') return 'Emergency: PID 1 has died again and again';
  if (machine.phase === 'stopping') return 'The machine is being shut down';
  const watched = units.filter(({ kind }) => kind !== 'system');
  const names = watched.filter((unit) => standing(unit) === 'bad').map(({ name }) => name);
  if (names.length > 0) return `Needs attention: ${names.join(', ')}`;
  const busy = watched.filter(({ kind, ...unit }) => kind === 'service' && isBusy(unit));
  if (busy.length > 0) return `Starting: ${busy.map(({ name }) => name).join(', ')}`;
  const running = watched.filter(({ kind, state }) => kind === 'service' && state === 'running');
  return running.length === 1
    ? 'All is well: 1 service runs'
    : `All is well: ${running.length} services run`;
}

function isBusy({ state }: Pick<UnitStatus, 'state'>): boolean {
  return state === 'waiting' || state === 'starting' || state === 'stopping';
}
