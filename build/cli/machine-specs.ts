/**
 * The OCI spec and the runtime steps of each container, by LinuxKit's directory names. The code that makes
 * them is the guest's own. Pure.
 */
import type { ContainerSpec, RuntimeSteps } from '../../runc-shim/oci/container-spec.ts';
import { generateSpec } from '../../runc-shim/oci/generate.ts';
import type { RuntimeSpec } from '../../runc-shim/oci/runtime-spec.ts';
import {
  containerCgroup,
  type Manifest,
  onbootId,
  onbootTasks,
  onshutdownId,
} from '../../supervisor/manifest.ts';
import type { CONTAINER_SECTIONS } from '../config/all-containers.ts';

export type Section = (typeof CONTAINER_SECTIONS)[number];

export interface ContainerFiles {
  readonly config: RuntimeSpec;
  readonly runtime: RuntimeSteps;
}

export type MachineSpecs = Readonly<Record<Section, Readonly<Record<string, ContainerFiles>>>>;

/** @param arch as Node names it: that of the machine the image is for */
export function machineSpecs(
  { onshutdown, services, ...before }: Manifest,
  arch: string,
): MachineSpecs {
  const filesOf = (section: Section, id: string, spec: ContainerSpec): ContainerFiles => {
    const cgroupsPath = spec.cgroupsPath ?? containerCgroup(section, id);
    return { config: generateSpec(spec, { cgroupsPath, arch }), runtime: spec.runtime ?? {} };
  };
  return {
    onboot: Object.fromEntries(
      onbootTasks(before).map(([id, task]) => [id, filesOf('onboot', id, task)]),
    ),
    onshutdown: Object.fromEntries(
      onshutdown.map((task, index) => {
        const id = onshutdownId(index, task.name);
        return [onbootId(index, task.name), filesOf('onshutdown', id, task)];
      }),
    ),
    services: Object.fromEntries(
      services.map((service) => [service.name, filesOf('services', service.name, service)]),
    ),
  };
}
