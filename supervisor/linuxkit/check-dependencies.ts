/**
 * `ishmael.dependsOn` names units, which only all bundles together can tell. A service that waits for what there is
 * not, or in a circle for itself, would wait for ever: it is one that cannot be run. Pure.
 */
import { onbootId, type OnbootTask, type Service } from '../manifest.ts';
import { brokenService } from './bundle-task.ts';

/** The services, names of onboot tasks in them as ids; those that cannot be are broken. */
export function checkDependencies(
  onboot: readonly OnbootTask[],
  services: readonly Service[],
): readonly Service[] {
  const ids = new Map<string, string>();
  for (const [index, { name }] of onboot.entries()) {
    const id = onbootId(index, name);
    ids.set(id, id).set(name, id);
  }
  for (const { name } of services) ids.set(name, name);
  const resolved = services.map((service) => resolve(service, ids));
  return resolved.map((service) => {
    const circle = circleOf(service, resolved);
    return circle === undefined
      ? service
      : brokenService(service, `ishmael.dependsOn goes in a circle: ${circle.join(' → ')}`);
  });
}

function resolve(service: Service, ids: ReadonlyMap<string, string>): Service {
  const { policy } = service;
  const unknown = policy.dependsOn.find(({ unit }) => !ids.has(unit));
  if (unknown !== undefined) {
    return brokenService(service, `ishmael.dependsOn names "${unknown.unit}", which there is not`);
  }
  const dependsOn = policy.dependsOn.map((each) => ({ ...each, unit: ids.get(each.unit) ?? '' }));
  return { ...service, policy: { ...policy, dependsOn } };
}

/** The way from a service back to itself. */
function circleOf(start: Service, services: readonly Service[]): readonly string[] | undefined {
  const seen = new Set<string>();
  const walk = (from: Service, way: readonly string[]): readonly string[] | undefined => {
    for (const { unit } of from.policy.dependsOn) {
      if (unit === start.name) return [...way, unit];
      const next = services.find(({ name }) => name === unit);
      if (next === undefined || seen.has(unit)) continue;
      seen.add(unit);
      const found = walk(next, [...way, unit]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(start, [start.name]);
}
