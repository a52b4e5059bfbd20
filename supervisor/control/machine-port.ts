/**
 * The control API's answers, put together from what PID 1 keeps (engine, history, logs, boot record)
 * and what the kernel tells (inspect/).
 */
import { hostname, release } from 'node:os';
import type { Engine } from '../engine.ts';
import type { History } from '../history.ts';
import { lastCrash } from '../inspect/crash.ts';
import {
  cgroupProcesses,
  initProcess,
  machineMemory,
  machineNetwork,
  processCounts,
  processMounts,
} from '../inspect/inspect.ts';
import { createLoopDelayFeed } from '../inspect/loop-delay.ts';
import type { LogBook } from '../log/log-book.ts';
import { healthReport, unitStatus } from '../service/status.ts';
import { type Unit, unitPid } from '../service/state.ts';
import type { BootReport, MachineInfo } from './api.ts';
import { type ControlPort, type Feed, RefusedError } from './server.ts';

export interface MachineSources {
  readonly imageName: string;
  readonly generation: number;
  readonly engine: Engine;
  readonly history: History;
  readonly logs: LogBook;
  readonly boot: () => BootReport;
  readonly nowMs: () => number;
  readonly orphansReaped: () => number;
  /** The unit's cgroup below the cgroup2 mount. */
  readonly cgroupOf: (unit: Unit) => string;
}

export function createMachinePort(sources: MachineSources): ControlPort {
  const { engine, history, logs, nowMs } = sources;
  const loopDelay = createLoopDelayFeed(nowMs);
  const find = (id: string): Unit | undefined => engine.state.units.find((unit) => unit.id === id);
  return {
    machine: () => machineInfo(sources),
    boot: sources.boot,
    crash: lastCrash,
    network: machineNetwork,
    units: () => engine.state.units.map((unit) => unitStatus(engine.state, unit, nowMs())),
    unit(id) {
      const unit = find(id);
      return unit && unitStatus(engine.state, unit, nowMs());
    },
    health(id) {
      const unit = find(id);
      return unit && healthReport(unit);
    },
    processes(id) {
      const unit = find(id);
      return unit && cgroupProcesses(sources.cgroupOf(unit));
    },
    mounts(id) {
      const unit = find(id);
      const pid = unit && unitPid(unit);
      return unit && (pid === undefined ? [] : processMounts(pid));
    },
    logs(id) {
      if (find(id) === undefined) return undefined;
      return logs.get(id) ?? SILENT;
    },
    machineLog: (name) => logs.machineLog(name),
    allLogs: () => logs,
    events: () => history,
    loopDelay: () => loopDelay,
    act(id, action) {
      if (find(id)?.kind !== 'service') return false;
      engine.dispatch({ type: `unit.${action}-requested`, id, by: 'the control API' });
      return true;
    },
    end: (end) => engine.dispatch({ type: 'machine.end-requested', end, by: 'the control API' }),
    resume() {
      throw new RefusedError('PID 1 is not in emergency mode');
    },
  };
}

/** The log of a unit that has none: our own processes write to their terminals. */
const SILENT: Feed<never> = { recent: () => [], follow: () => () => undefined };

function machineInfo(sources: MachineSources): MachineInfo {
  const { phase } = sources.engine.state;
  return {
    image: sources.imageName,
    hostname: hostname(),
    kernel: release(),
    uptimeMs: sources.nowMs(),
    generation: sources.generation,
    phase: phase === 'halting' || phase === 'onshutdown' ? 'stopping' : phase,
    memory: machineMemory(),
    init: initProcess(),
    processes: { ...processCounts(), orphansReaped: sources.orphansReaped() },
  };
}
