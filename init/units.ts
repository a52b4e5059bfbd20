/**
 * The manifest's containers and our own processes as units of the supervisor, each with its launcher.
 */
import { findRuntime } from '../runc-shim/find-runtime.ts';
import type { ContainerSpec } from '../runc-shim/oci/container-spec.ts';
import { createRuncClient } from '../runc-shim/runc/client.ts';
import {
  type ContainerContext,
  containerLauncher,
} from '../supervisor/interpreter/container-unit.ts';
import { processLauncher } from '../supervisor/interpreter/process-unit.ts';
import { UnitLog } from '../supervisor/log/unit-log.ts';
import { onbootId } from '../supervisor/manifest.ts';
import type { Unit } from '../supervisor/service/state.ts';
import { monotonicMs } from './boot-record.ts';
import { createProcessRunner, createProcessSpawner } from './child-processes.ts';
import type { Machine } from './machine.ts';
import { systemUnits } from './system-units.ts';

const LOG_DIR = '/run/ishmael/log';

/** `/services/redis`, `/onboot/000-dhcpcd`; our own processes have one together. */
export function cgroupOf(unit: Pick<Unit, 'id' | 'kind'>): string {
  if (unit.kind === 'system') return '/system';
  return unit.kind === 'onboot' ? `/onboot/${unit.id}` : `/services/${unit.id}`;
}

export function addContainerUnits(machine: Machine, devicesReady: Promise<void>): void {
  const { manifest, generation, sys, reaper } = machine;
  if (manifest.onboot.length + manifest.services.length === 0) return;
  const binary = findRuntime();
  if (binary === undefined) throw new Error('the image carries neither runc nor crun');
  const context: ContainerContext = {
    sys,
    runtime: createRuncClient({ binary, runner: createProcessRunner(reaper) }),
    watch: (pid, onExit) => reaper.watch(pid, onExit),
    devicesReady,
  };
  // After a re-exec the tasks have had their turn; what they set up is still there.
  if (!generation.onbootDone) {
    manifest.onboot.forEach((container, index) => {
      addContainer(machine, context, 'onboot', onbootId(index, container.name), container);
    });
  }
  for (const container of manifest.services) {
    addContainer(machine, context, 'service', container.name, container);
  }
}

function addContainer(
  machine: Machine,
  context: ContainerContext,
  kind: 'onboot' | 'service',
  id: string,
  container: ContainerSpec,
): void {
  const { sys, interpreter, engine, logs, generation } = machine;
  const log = UnitLog.open(sys, `${LOG_DIR}/${id}`, monotonicMs);
  logs.set(id, log.ring);
  const launcher = containerLauncher(context, {
    id,
    container,
    cgroupsPath: cgroupOf({ id, kind }),
    log,
    leftovers: generation.number > 0,
  });
  interpreter.addUnit(id, launcher);
  const { name, image } = container;
  engine.dispatch({ type: 'unit.added', unit: { id, name, kind, image } });
}

export function addSystemUnits({ sys, reaper, interpreter, engine }: Machine): void {
  const context = { sys, spawner: createProcessSpawner(reaper), cgroupsPath: '/system' };
  for (const { id, program } of systemUnits(sys)) {
    interpreter.addUnit(id, processLauncher(context, program));
    const unit = { id, name: id, kind: 'system', image: '' } as const;
    engine.dispatch({ type: 'unit.added', unit });
  }
}
