/**
 * The manifest's containers and our own processes as units of the supervisor, each with its launcher.
 */
import { availableParallelism } from 'node:os';
import { findRuntime } from '../runc-shim/find-runtime.ts';
import { errorMessage } from '../sys/errno.ts';
import type { ProcessRunner } from '../sys/process-runner.ts';
import { createRuncClient } from '../runc-shim/runc/client.ts';
import {
  type ContainerContext,
  containerLauncher,
  type ContainerUnit,
} from '../supervisor/interpreter/container-unit.ts';
import { brokenLauncher } from '../supervisor/interpreter/broken-unit.ts';
import { createLimiter } from '../supervisor/interpreter/limiter.ts';
import { processLauncher } from '../supervisor/interpreter/process-unit.ts';
import {
  containerCgroup,
  type Manifest,
  type ManifestContainer,
  onbootTasks,
  onshutdownId,
} from '../supervisor/manifest.ts';
import type { Unit, UnitDescription } from '../supervisor/service/state.ts';
import { createModuleLoader } from './boot/steps/modules.ts';
import { monotonicMs } from './boot-record.ts';
import { createProcessRunner, createProcessSpawner } from './child-processes.ts';
import { CONTAINERD_UNIT, containerdProgram } from './containerd/daemon.ts';
import { CONTAINERD_CGROUP, hasContainerd } from './containerd/engine.ts';
import { settleHelper } from './exec-sessions.ts';
import type { Machine } from './machine.ts';
import { INIT_PATH } from './survival.ts';
import {
  addEndScripts,
  addOnbootScripts,
  addServiceScripts,
  bootScripts,
  endScripts,
} from './linuxkit/script-units.ts';
import { systemUnits } from './system-units.ts';
import { watchForTrouble } from './first-need.ts';
import { openUnitLog, withDevLog } from './unit-logs.ts';

const TERMINAL_DIR = '/run/ishmael/terminal';

/** `/services/redis`, `/onboot/000-dhcpcd`, `/onshutdown/onshutdown-000-save`; our own processes have one together. */
export function cgroupOf(unit: Pick<Unit, 'id' | 'kind'>): string {
  if (unit.kind === 'system') return '/system';
  return containerCgroup(unit.kind === 'service' ? 'services' : unit.kind, unit.id);
}

/** The same, for a container that says where its cgroup is, too. */
export function cgroupFinder({
  services,
  onshutdown,
  ...before
}: Pick<Manifest, 'onboot' | 'volumeTasks' | 'services' | 'onshutdown'>): (
  unit: Pick<Unit, 'id' | 'kind'>,
) => string {
  const own = new Map([
    ...onbootTasks(before).map(([id, task]) => [id, task.cgroupsPath] as const),
    ...services.map(({ name, cgroupsPath }) => [name, cgroupsPath] as const),
    ...onshutdown.map((task, index) => [onshutdownId(index, task.name), task.cgroupsPath] as const),
  ]);
  return (unit) => own.get(unit.id) ?? cgroupOf(unit);
}

/** All that the image has to run, in order. */
export function addContainerUnits(machine: Machine, devicesReady: Promise<void>): void {
  if (machine.manifest.from === 'linuxkit') {
    const { beforeOnboot, beforeServices, withServices } = bootScripts();
    const { before, after } = endScripts();
    addOnbootScripts(machine, beforeOnboot);
    addEndScripts(machine, before);
    addManifestUnits(machine, devicesReady);
    addOnbootScripts(machine, beforeServices);
    addServiceScripts(machine, withServices);
    addEndScripts(machine, after);
  } else {
    addManifestUnits(machine, devicesReady);
  }
}

function addManifestUnits(machine: Machine, devicesReady: Promise<void>): void {
  const { services, onshutdown } = machine.manifest;
  const onboot = onbootTasks(machine.manifest);
  if (onboot.length + services.length + onshutdown.length === 0) return;
  const binary = findRuntime();
  if (binary === undefined) throw new Error('the image carries neither runc nor crun');
  const runner = createProcessRunner(machine.reaper);
  const context = containerContext(machine, { binary, runner, devicesReady });
  for (const [id, task] of onboot) {
    const { name, image, policy } = task;
    tryToAdd(machine, context, { id, name, image, kind: 'onboot', policy }, task);
  }
  for (const service of services) {
    const { name, image, policy, preStart } = service;
    const unit = { id: name, name, image, kind: 'service', policy } as const;
    const { health, readiness } = policy;
    const under =
      service.engine === 'containerd'
        ? {
            ...context,
            runtime: machine.containerd.runtimeOf(service, { binary, runner, sys: machine.sys }),
          }
        : context;
    tryToAdd(machine, under, unit, service, {
      preStart,
      ...(health && { health }),
      ...(readiness && { readiness }),
    });
  }
  onshutdown.forEach((task, index) => {
    const { name, image, policy } = task;
    const id = onshutdownId(index, name);
    tryToAdd(machine, context, { id, name, image, kind: 'onshutdown', policy }, task);
  });
}

function containerContext(
  { sys, reaper, history }: Machine,
  {
    binary,
    runner,
    devicesReady,
  }: {
    readonly binary: string;
    readonly runner: ProcessRunner;
    readonly devicesReady: Promise<void>;
  },
): ContainerContext {
  const modules = createModuleLoader(sys, '');
  return {
    sys,
    runtime: createRuncClient({ binary, runner, sys }),
    watch: (pid, onExit) => reaper.watch(pid, onExit),
    terminals: {
      sys,
      spawner: createProcessSpawner(reaper),
      helper: { file: INIT_PATH, args: ['terminal'] },
      settle: settleHelper,
      dir: TERMINAL_DIR,
    },
    limit: createLimiter(2 * availableParallelism()),
    limitExec: createLimiter(4 * availableParallelism()),
    devicesReady,
    loadFor: (alias) => modules.loadFor(alias),
    warn: (unit, text) => history.add({ atMs: monotonicMs(), unit, severity: 'warning', text }),
  };
}

/** A unit whose log cannot be opened, on a full /run say, costs no other unit its place. */
function tryToAdd(...args: Parameters<typeof addContainer>): void {
  try {
    addContainer(...args);
  } catch (error) {
    const [{ tell }, , { id }] = args;
    tell('error', `${id} cannot be supervised: ${errorMessage(error)}`);
  }
}

function addContainer(
  machine: Machine,
  context: ContainerContext,
  unit: UnitDescription,
  container: ManifestContainer,
  more: Pick<ContainerUnit, 'health' | 'readiness' | 'preStart'> = {},
): void {
  const { sys, interpreter, engine, logs, generation } = machine;
  const { id } = unit;
  const cgroupsPath = container.cgroupsPath ?? cgroupOf(unit);
  const log = openUnitLog(sys, id, cgroupsPath, container.log);
  logs.set(id, log.ring);
  const launcher =
    container.problem === undefined
      ? containerLauncher(context, {
          ...more,
          id,
          container: withDevLog(id, container, container.log),
          cgroupsPath,
          log,
          leftovers: generation.number > 0,
        })
      : brokenLauncher(container.problem);
  interpreter.addUnit(id, launcher);
  engine.dispatch({ type: 'unit.added', unit });
}

export function addSystemUnits(machine: Machine): void {
  const { sys, manifest, reaper, interpreter, engine, history, record } = machine;
  const context = { sys, spawner: createProcessSpawner(reaper), cgroupsPath: '/system' };
  const needs = {
    isTrouble: watchForTrouble(history),
    isSettled: () => record.report().milestones['settled'] !== undefined,
  };
  for (const { id, program } of systemUnits(sys, manifest, needs)) {
    const warn = (text: string): void =>
      history.add({ atMs: monotonicMs(), unit: id, severity: 'warning', text });
    interpreter.addUnit(id, processLauncher({ ...context, warn }, program));
    const unit = { id, name: id, kind: 'system', image: '' } as const;
    engine.dispatch({ type: 'unit.added', unit });
  }
}

/** First of all units: it begins while the rest of the machine is set up. */
export function addContainerd(machine: Machine): void {
  if (!hasContainerd()) return;
  const { sys, reaper, interpreter, engine, history, logs, containerd } = machine;
  const id = CONTAINERD_UNIT;
  const log = openUnitLog(sys, id, CONTAINERD_CGROUP);
  logs.set(id, log.ring);
  const warn = (text: string): void =>
    history.add({ atMs: monotonicMs(), unit: id, severity: 'warning', text });
  const program = containerdProgram({
    gate: containerd.gate,
    openOutputs: async () => log.openOutputs(),
    warn,
  });
  const spawner = createProcessSpawner(reaper);
  // 0, because containers inherit it from the shims, which inherit it from the daemon.
  const context = { sys, spawner, cgroupsPath: CONTAINERD_CGROUP, oomScoreAdj: 0, warn };
  interpreter.addUnit(id, processLauncher(context, program));
  engine.dispatch({ type: 'unit.added', unit: { id, name: id, kind: 'system', image: '' } });
}
