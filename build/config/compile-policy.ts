/**
 * How a container is supervised, as the manifest says it: the configuration's keys with the image's stop
 * signal and the units behind the names of dependencies. Pure.
 */
import {
  DEFAULT_ONSHUTDOWN_POLICY,
  type Dependency,
  type OnbootPolicy,
  type ServicePolicy,
  type TaskPolicy,
} from '../../supervisor/service/policy.ts';
import type { Image } from '../image/image-store.ts';
import type {
  ContainerConfig,
  OnbootConfig,
  OnshutdownConfig,
  ServiceConfig,
} from './container-schema.ts';
import { conditions, dependencies } from './depends-on.ts';
import type { Defaults } from './hardening.ts';
import { healthOf } from './image-health.ts';
import { stopSignalOf } from './resolve-images.ts';

/**
 * @param units as `unitIds` returns them. A name that is not there throws: the schema has reported it, and
 * a stop signal that is none, `resolveImages`.
 */
export function compileServicePolicy(
  service: ServiceConfig,
  image: Image,
  units: ReadonlyMap<string, string>,
  defaults: Defaults,
): ServicePolicy {
  const { restart, startLimit, startTimeout, readiness, essential } = service;
  const health = healthOf(service, image, defaults);
  return {
    restart,
    ...(startLimit === undefined ? {} : { startLimit }),
    ...compileStop(service, image),
    startTimeoutMs: startTimeout,
    ...(readiness === undefined ? {} : { readiness }),
    ...(health === undefined ? {} : { health }),
    essential,
    dependsOn: compileDependencies(service, units),
    waitsFor: conditions(service.dependsOn),
  };
}

export function compileOnbootPolicy(task: OnbootConfig, image: Image): OnbootPolicy {
  return { ...compileTask(task, image), onFailure: task.onFailure };
}

export function compileOnshutdownPolicy(task: OnshutdownConfig, image: Image): TaskPolicy {
  return { ...DEFAULT_ONSHUTDOWN_POLICY, ...compileTask(task, image) };
}

function compileTask(task: OnbootConfig | OnshutdownConfig, image: Image): TaskPolicy {
  return {
    ...(task.timeout === undefined ? {} : { timeoutMs: task.timeout }),
    ...compileStop(task, image),
  };
}

type StopPolicy = Pick<TaskPolicy, 'successExitStatus' | 'stopSignal' | 'stopTimeoutMs'>;

function compileStop(container: ContainerConfig, image: Image): StopPolicy {
  const stopSignal = stopSignalOf(container, image);
  if (stopSignal === undefined) throw new Error(`Cannot compile ${container.name}: no stop signal`);
  const { successExitStatus, stopTimeout } = container;
  return { successExitStatus, stopSignal, stopTimeoutMs: stopTimeout };
}

/** Each condition of a unit once, and required if it is so anywhere. */
function compileDependencies(
  { name: service, dependsOn }: ServiceConfig,
  units: ReadonlyMap<string, string>,
): readonly Dependency[] {
  const found = new Map<string, Dependency>();
  for (const { name, condition, required } of dependencies(dependsOn)) {
    const unit = units.get(name);
    if (unit === undefined) throw new Error(`Cannot compile ${service}: nothing called ${name}`);
    const key = `${condition} ${unit}`;
    const needed = required || found.get(key)?.required === true;
    found.set(key, { unit, condition, required: needed });
  }
  return [...found.values()];
}
