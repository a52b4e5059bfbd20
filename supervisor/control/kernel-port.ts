/**
 * The part of the control API that the kernel answers: the same whether PID 1 supervises or is in an
 * emergency.
 */
import { arch, hostname, release } from 'node:os';
import { lastCrash } from '../inspect/crash.ts';
import { blockDevices, machineMounts } from '../inspect/disks.ts';
import { cgroupProcesses, initProcess, processCounts, processMounts } from '../inspect/inspect.ts';
import {
  machineCpu,
  machineLoad,
  machineMemory,
  machinePressure,
} from '../inspect/machine-facts.ts';
import { billOfMaterials, imageConfig, imageIdentity } from '../inspect/image-identity.ts';
import { createSocketReader, type SocketOwner } from '../inspect/listening-sockets.ts';
import { machineNetwork, machineRoutes } from '../inspect/network.ts';
import { unitUsage, usageSummary } from '../inspect/unit-usage.ts';
import type { Sys } from '../../sys/sys.ts';
import type { MachineInfo, UnitKind } from './api.ts';
import type { ControlPort } from './control-port.ts';

/** Where the kernel has a unit. */
export interface KernelUnit {
  readonly id: string;
  readonly kind: UnitKind;
  /** Below the cgroup2 mount; our own processes (`system`) share one. */
  readonly cgroup: string;
  /** Of its first process, while it runs. */
  readonly pid?: number | undefined;
}

export interface KernelSources {
  readonly sys: Pick<Sys, 'rtnetlink'>;
  readonly imageName: string;
  readonly nowMs: () => number;
  readonly units: () => readonly KernelUnit[];
}

export type KernelPort = Omit<
  ControlPort,
  | 'machine'
  | 'boot'
  | 'units'
  | 'unit'
  | 'health'
  | 'logs'
  | 'machineLog'
  | 'allLogs'
  | 'events'
  | 'loopDelay'
  | 'act'
  | 'signal'
  | 'exec'
  | 'update'
  | 'end'
  | 'resume'
>;

export function createKernelPort({ sys, imageName, nowMs, units }: KernelSources): KernelPort {
  const find = (id: string): KernelUnit | undefined => units().find((unit) => unit.id === id);
  return {
    image: () => imageIdentity(imageName),
    sbom: () => billOfMaterials(),
    config: () => imageConfig(),
    crash: lastCrash,
    cpu: () => machineCpu(nowMs()),
    memory: machineMemory,
    pressure: machinePressure,
    disks: blockDevices,
    machineMounts,
    network: () => machineNetwork(sys),
    routes: () => machineRoutes(sys),
    sockets: createSocketReader(() => units().map(ownerOf), nowMs),
    usage: () =>
      units().flatMap(({ id, kind, cgroup }) =>
        kind === 'system' ? [] : (usageSummary(id, cgroup) ?? []),
      ),
    unitUsage(id) {
      const unit = find(id);
      if (unit === undefined || unit.kind === 'system') return undefined;
      return unitUsage(id, unit.cgroup, nowMs());
    },
    processes(id) {
      const unit = find(id);
      return unit && cgroupProcesses(unit.cgroup);
    },
    mounts(id) {
      const unit = find(id);
      return unit && (unit.pid === undefined ? [] : processMounts(unit.pid));
    },
  };
}

function ownerOf({ id, kind, cgroup, pid }: KernelUnit): SocketOwner {
  return kind === 'system' ? { id, pid } : { id, cgroup };
}

/** What of `MachineInfo` the kernel knows. */
export function kernelMachineInfo(
  orphansReaped: number,
): Pick<
  MachineInfo,
  'hostname' | 'kernel' | 'architecture' | 'load' | 'memory' | 'init' | 'processes'
> {
  const { totalKiB, availableKiB } = machineMemory();
  return {
    hostname: hostname(),
    kernel: release(),
    architecture: arch() === 'x64' ? 'amd64' : arch(),
    load: machineLoad(),
    memory: { totalKiB, availableKiB },
    init: initProcess(),
    processes: { ...processCounts(), orphansReaped },
  };
}
