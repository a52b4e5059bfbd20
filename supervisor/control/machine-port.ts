/**
 * The control API's answers, put together from what PID 1 keeps (engine, history, logs, boot record)
 * and what the kernel tells (kernel-port.ts).
 */
import type { Socket } from 'node:net';
import { errnoCode } from '../../sys/errno.ts';
import { signalName } from '../../sys/exit.ts';
import type { Sys } from '../../sys/sys.ts';
import type { Engine } from '../engine.ts';
import type { History } from '../history.ts';
import { createLoopDelayFeed } from '../inspect/loop-delay.ts';
import type { LogBook } from '../log/log-book.ts';
import { healthReport, unitStatus } from '../service/status.ts';
import { type Unit, unitPid } from '../service/state.ts';
import type { BootReport, MachineInfo } from './api.ts';
import { createKernelPort, kernelMachineInfo } from './kernel-port.ts';
import { type ControlPort, type Feed, RefusedError } from './control-port.ts';

export interface MachineSources {
  readonly sys: Pick<Sys, 'rtnetlink' | 'kill'>;
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
  /**
   * Runs a command for the client of this connection, in the container of a unit that runs; throws
   * `RefusedError` when that cannot be now.
   */
  /** `pid`: the first process of the unit's container. */
  readonly exec: (id: string, connection: Socket, pid: number) => void;
  /** Writes an image that the client of this connection sends; throws `RefusedError` when that cannot be now. */
  readonly update: (connection: Socket) => void;
}

export function createMachinePort(sources: MachineSources): ControlPort {
  const { engine, history, logs, nowMs } = sources;
  const loopDelay = createLoopDelayFeed(nowMs);
  const find = (id: string): Unit | undefined => engine.state.units.find((unit) => unit.id === id);
  return {
    ...createKernelPort({
      sys: sources.sys,
      imageName: sources.imageName,
      nowMs,
      units: () =>
        engine.state.units.map((unit) => {
          const { id, kind } = unit;
          return { id, kind, cgroup: sources.cgroupOf(unit), pid: unitPid(unit) };
        }),
    }),
    machine: () => machineInfo(sources),
    boot: sources.boot,
    units: () => engine.state.units.map((unit) => unitStatus(engine.state, unit, nowMs())),
    unit(id) {
      const unit = find(id);
      return unit && unitStatus(engine.state, unit, nowMs());
    },
    health(id) {
      const unit = find(id);
      return unit && healthReport(unit);
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
    signal: (id, signal) => sendSignal(sources, find(id), signal),
    exec(id, connection) {
      const unit = find(id);
      if (unit === undefined || unit.kind === 'system') return false;
      // The place for what an image may forbid its owner: see docs/control-api.md, "Exec".
      if (unit.state.tag !== 'running') throw doesNotRun(id);
      sources.exec(id, connection, unit.state.pid);
      history.add({
        atMs: nowMs(),
        unit: id,
        severity: 'info',
        text: 'a command is run in it by the control API',
      });
      return true;
    },
    update(connection) {
      sources.update(connection);
      const text = 'an update by the control API';
      history.add({ atMs: nowMs(), unit: 'machine', severity: 'info', text });
    },
    end: (end) => engine.dispatch({ type: 'machine.end-requested', end, by: 'the control API' }),
    resume() {
      throw new RefusedError('PID 1 is not in emergency mode');
    },
  };
}

/** The log of a unit that has none: our own processes write to their terminals. */
const SILENT: Feed<never> = { recent: () => [], follow: () => () => undefined };

/** To its program: one that is still being started is the runtime's own, which a signal would end. */
function sendSignal(
  { sys, history, nowMs }: MachineSources,
  unit: Unit | undefined,
  signal: number,
): boolean {
  if (unit?.kind !== 'service') return false;
  const { id, state } = unit;
  if (state.tag !== 'running' && state.tag !== 'stopping') throw doesNotRun(id);
  try {
    sys.kill(state.pid, signal);
  } catch (error) {
    throw errnoCode(error) === 'ESRCH' ? doesNotRun(id) : error;
  }
  const text = `${signalName(signal)} sent by the control API`;
  history.add({ atMs: nowMs(), unit: id, severity: 'info', text });
  return true;
}

function doesNotRun(id: string): RefusedError {
  return new RefusedError(`"${id}" does not run`);
}

function machineInfo(sources: MachineSources): MachineInfo {
  const { phase } = sources.engine.state;
  return {
    image: sources.imageName,
    uptimeMs: sources.nowMs(),
    generation: sources.generation,
    phase: phase === 'halting' || phase === 'onshutdown' ? 'stopping' : phase,
    ...kernelMachineInfo(sources.orphansReaped()),
  };
}
