/** The control API of a machine in emergency mode: enough to look at it and to decide. */
import type { EmergencyReport, UnitStatus } from '../../supervisor/control/api.ts';
import { createKernelPort, kernelMachineInfo } from '../../supervisor/control/kernel-port.ts';
import {
  type ControlPort,
  type Feed,
  RefusedError,
} from '../../supervisor/control/control-port.ts';
import type { History } from '../../supervisor/history.ts';
import type { LogBook } from '../../supervisor/log/log-book.ts';
import type { RebootCommand, Sys } from '../../sys/sys.ts';
import { monotonicMs } from '../boot-record.ts';
import { cgroupOf } from './containers.ts';

export interface EmergencySources {
  readonly sys: Pick<Sys, 'rtnetlink'>;
  readonly imageName: string;
  readonly generation: number;
  readonly report: EmergencyReport;
  readonly history: History;
  readonly logs: LogBook;
  readonly units: () => UnitStatus[];
  readonly orphansReaped: () => number;
  readonly end: (how: RebootCommand, by: string) => void;
  readonly resume: () => void;
}

const SILENT: Feed<never> = { recent: () => [], follow: () => () => undefined };

export function createEmergencyPort(sources: EmergencySources): ControlPort {
  const { imageName, generation, report, history, logs, units } = sources;
  const find = (id: string): UnitStatus | undefined => units().find((unit) => unit.id === id);
  const refuseAll = (): never => {
    throw new RefusedError(
      'PID 1 is in emergency mode: nothing is started, stopped or run before it is resumed',
    );
  };
  const refuse = (id: string): boolean => (find(id) === undefined ? false : refuseAll());
  return {
    ...createKernelPort({
      sys: sources.sys,
      imageName: sources.imageName,
      nowMs: monotonicMs,
      units: () => units().map((unit) => ({ ...unit, cgroup: cgroupOf(unit) })),
    }),
    machine: () => ({
      image: imageName,
      uptimeMs: monotonicMs(),
      generation,
      phase: 'emergency',
      emergency: report,
      ...kernelMachineInfo(sources.orphansReaped()),
    }),
    boot: () => ({ phases: [], milestones: {} }),
    units,
    unit: find,
    // Nothing is asked here, and what was answered before may not be true any more.
    health: () => undefined,
    logs: (id) => (find(id) === undefined ? undefined : (logs.get(id) ?? SILENT)),
    machineLog: (name) => logs.machineLog(name),
    allLogs: () => logs,
    events: () => history,
    loopDelay: () => SILENT,
    act: refuse,
    signal: refuse,
    exec: refuse,
    update: refuseAll,
    end: (how) => sources.end(how, 'the control API'),
    resume: sources.resume,
  };
}
