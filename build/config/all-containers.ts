/**
 * Every container of a configuration, whatever runs it.
 */
import type { ContainerConfig } from './container-schema.ts';
import type { ImageConfigFile } from './schema.ts';

/** The sections that hold containers, in the order in which LinuxKit counts them for ids. */
export const CONTAINER_SECTIONS = ['onboot', 'onshutdown', 'services'] as const;

export type ContainerSections = Pick<ImageConfigFile, (typeof CONTAINER_SECTIONS)[number]>;

export function allContainers(config: ContainerSections): readonly ContainerConfig[] {
  return CONTAINER_SECTIONS.flatMap((section): readonly ContainerConfig[] => config[section]);
}
