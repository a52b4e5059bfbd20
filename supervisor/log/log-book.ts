/**
 * All logs of the machine: one of each unit, and those of the kernel and of PID 1 itself. Says what there is
 * and what comes, of one or of all of them; where lines come from is their writers' business.
 */
import type { LogLine, MachineLogLine, MachineLogName } from '../control/api.ts';
import { mergeByTime } from './merge-by-time.ts';
import type { LogRing } from './ring.ts';

export class LogBook {
  private readonly units = new Map<string, LogRing>();
  private readonly machine = new Map<MachineLogName, LogRing>();
  private readonly followers = new Set<(unit: string | undefined, ring: LogRing) => void>();

  set(unit: string, ring: LogRing): void {
    this.units.set(unit, ring);
    for (const follow of this.followers) follow(unit, ring);
  }

  get(unit: string): LogRing | undefined {
    return this.units.get(unit);
  }

  setMachineLog(name: MachineLogName, ring: LogRing): void {
    this.machine.set(name, ring);
    for (const follow of this.followers) follow(undefined, ring);
  }

  machineLog(name: MachineLogName): LogRing | undefined {
    return this.machine.get(name);
  }

  /** Every line that is in memory, by time. What comes later changes nothing of it. */
  recent(): Iterable<MachineLogLine> {
    const lists = this.all().map(([unit, ring]) =>
      ring.recent(Number.MAX_SAFE_INTEGER).map((line) => ({ unit, line })),
    );
    return lines(mergeByTime(lists, ({ line }) => line.atMs));
  }

  /** Calls `listener` for every line from now on, of logs that begin later too, until told otherwise. */
  follow(listener: (line: MachineLogLine) => void): () => void {
    const closers: (() => void)[] = [];
    const join = (unit: string | undefined, ring: LogRing): void => {
      closers.push(ring.follow((line) => listener(ofUnit(unit, line))));
    };
    for (const [unit, ring] of this.all()) join(unit, ring);
    this.followers.add(join);
    return () => {
      this.followers.delete(join);
      for (const close of closers) close();
    };
  }

  private all(): (readonly [unit: string | undefined, ring: LogRing])[] {
    const machine = [...this.machine.values()].map((ring) => [undefined, ring] as const);
    return [...machine, ...this.units];
  }
}

function* lines(
  found: Iterable<{ readonly unit: string | undefined; readonly line: LogLine }>,
): Generator<MachineLogLine> {
  for (const { unit, line } of found) yield ofUnit(unit, line);
}

function ofUnit(unit: string | undefined, line: LogLine): MachineLogLine {
  return unit === undefined ? line : { unit, ...line };
}
