/**
 * Where volumes are in the root, as in LinuxKit: the builder fills `lower`, the guest mounts `merged`. Pure.
 */
export interface Volume {
  readonly name: string;
  readonly readonly: boolean;
  /** A task mounts it (`Manifest.volumeTasks`). */
  readonly onDisk?: true;
}

/** What containers bind. */
export function volumePath(name: string): string {
  return `${volumeDir(name)}/merged`;
}

/** What the image has of it. */
export function volumeLower(name: string): string {
  return `${volumeDir(name)}/lower`;
}

/** A tmpfs for what is written to it. */
export function volumeTmp(name: string): string {
  return `${volumeDir(name)}/tmp`;
}

export function volumeDir(name: string): string {
  return `/containers/volumes/${name}`;
}
