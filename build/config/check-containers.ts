/**
 * What can be told of a container only when its image is known: whether the settings of file and label go
 * together, and whether what others wait for can come. Pure. Everything here would otherwise fail when the
 * machine runs, since a runtime refuses it then.
 */
import type { NamespaceMode } from '../../runc-shim/oci/container-spec.ts';
import type { Image } from '../image/image-store.ts';
import { CONTAINER_SECTIONS } from './all-containers.ts';
import type { ContainerConfig } from './container-schema.ts';
import type { ContainerSettings } from './container-settings.ts';
import { dependencies } from './depends-on.ts';
import { type Diagnostic, type DiagnosticCode, sortDiagnostics } from './diagnostics.ts';
import { healthOf } from './image-health.ts';
import { readLabel } from './image-label.ts';
import type { ConfigPath, Places } from './places.ts';
import type { ImageConfigFile } from './schema.ts';
import { statedSettings } from './settle-container.ts';
import { sysctlNamespace } from './sysctl-namespace.ts';

interface Finding {
  readonly code: DiagnosticCode;
  readonly message: string;
  /** From the container to the culprit. */
  readonly path: ConfigPath;
}

/** @param images by reference; a container whose image is missing or has a wrong label is passed over */
export function checkContainers(
  config: ImageConfigFile,
  images: ReadonlyMap<string, Image>,
  places: Places,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const section of CONTAINER_SECTIONS) {
    for (const [index, container] of config[section].entries()) {
      const image = images.get(container.image);
      if (image === undefined || 'problems' in readLabel(image)) continue;
      for (const { code, message, path } of findings(container, image)) {
        found.push({ code, message, ...places.key([section, index, ...path]) });
      }
    }
  }
  const services = [...unhealthy(config, images, places), ...engineless(config, images, places)];
  return sortDiagnostics([...found, ...services]);
}

/** What containerd has no way to give a container. */
function engineless(
  config: ImageConfigFile,
  images: ReadonlyMap<string, Image>,
  places: Places,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const [index, service] of config.services.entries()) {
    const image = images.get(service.image);
    if ((service.engine ?? config.engine) !== 'containerd') continue;
    const wrong = (key: string, message: string): void =>
      void found.push({ code: 'conflict', message, ...places.key(['services', index, key]) });
    if (service.readiness?.kind === 'fd') {
      wrong(
        'readiness',
        'readiness: a descriptor needs "engine: direct"; "notify" works with both',
      );
    }
    if (image === undefined || 'problems' in readLabel(image)) continue;
    if (statedSettings(service, image).terminal === true) {
      wrong('terminal', 'terminal: needs "engine: direct"');
    }
  }
  return found;
}

function findings(container: ContainerConfig, image: Image): readonly Finding[] {
  const stated = statedSettings(container, image);
  return [...hostnameFindings(stated), ...sysctlFindings(stated), ...userFindings(stated)];
}

/** In PID 1's namespace it would rename the machine. */
function hostnameFindings({ hostname, uts }: ContainerSettings): readonly Finding[] {
  if (hostname === undefined || isPrivate(uts)) return [];
  const message = 'hostname: a hostname of its own needs "uts: new"';
  return [{ code: 'needs-namespace', message, path: ['hostname'] }];
}

function sysctlFindings({ sysctl = {}, ...modes }: ContainerSettings): readonly Finding[] {
  return Object.keys(sysctl).flatMap((name): readonly Finding[] => {
    const path = ['sysctl', name];
    const needed = sysctlNamespace(name);
    if (needed === undefined) {
      const message = `sysctl: "${name}" is the machine's and no container's; an onboot task can set it`;
      return [{ code: 'conflict', message, path }];
    }
    if (isPrivate(modes[needed])) return [];
    const message = `sysctl: "${name}" needs "${needed}: new": here it would be the machine's`;
    return [{ code: 'needs-namespace', message, path }];
  });
}

function userFindings(stated: ContainerSettings): readonly Finding[] {
  const { userns, uidMappings, gidMappings, timens, timeOffsets } = stated;
  const found: Finding[] = [];
  for (const key of ['uidMappings', 'gidMappings'] as const) {
    if (stated[key] === undefined || isPrivate(userns)) continue;
    const message = `${key}: means nothing without "userns: new"`;
    found.push({ code: 'needs-namespace', message, path: [key] });
  }
  if (userns === 'new' && (uidMappings === undefined || gidMappings === undefined)) {
    const message = 'userns: a new one needs "uidMappings" and "gidMappings"';
    found.push({ code: 'missing-key', message, path: ['userns'] });
  }
  if (timeOffsets !== undefined && timens !== 'new') {
    const message = 'timeOffsets: means nothing without "timens: new"';
    found.push({ code: 'needs-namespace', message, path: ['timeOffsets'] });
  }
  return found;
}

function isPrivate(mode: NamespaceMode | undefined): boolean {
  return mode !== undefined && mode !== 'host';
}

function unhealthy(
  config: ImageConfigFile,
  images: ReadonlyMap<string, Image>,
  places: Places,
): readonly Diagnostic[] {
  const checked = new Map<string, boolean>();
  const found: Diagnostic[] = [];
  for (const [index, service] of config.services.entries()) {
    const image = images.get(service.image);
    // Without its image it cannot be told; somebody else says that it is missing.
    const hasCheck = image === undefined || healthOf(service, image, config.defaults) !== undefined;
    checked.set(service.name, hasCheck);
    if (hasCheck || service.readiness?.kind !== 'health') continue;
    const message = 'readiness: "health" needs a healthcheck that says what to ask';
    found.push({ code: 'conflict', message, ...places.value(['services', index, 'readiness']) });
  }
  for (const [index, service] of config.services.entries()) {
    for (const { name, condition, terms } of dependencies(service.dependsOn)) {
      if (condition !== 'healthy' || checked.get(name) !== false) continue;
      const message = `dependsOn: "${name}" never becomes healthy, since it has no healthcheck`;
      const place = places.value(['services', index, 'dependsOn', ...terms, 'condition']);
      found.push({ code: 'conflict', message, ...place });
    }
  }
  return found;
}
