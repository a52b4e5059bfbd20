/**
 * Which disk a volume is to be on, and how it is prepared: what the builder writes into the command of the volume's
 * task, every default filled in, and the applet `volume` reads. Pure data.
 */
export interface DiskWish {
  /** Of the volume. What is made for it has this as its label. */
  readonly name: string;
  readonly choice: DiskChoice;
  readonly holds: DiskUse;
  /** `never`: whatever is to be on it is there already. */
  readonly format: 'ifBlank' | 'never';
  readonly fsck: boolean;
  /** To the end of the disk, partition and file system. */
  readonly grow: boolean;
  readonly readonly: boolean;
  /** Of mount(8), beside `nosuid` and `nodev`. */
  readonly options: readonly string[];
  readonly encrypt?: KeySource;
  /** So long a disk that is not there may still come. */
  readonly waitMs: number;
  /** Of the directory, when it is made. */
  readonly owner?: { readonly uid: number; readonly gid: number; readonly mode: number };
}

export const FILESYSTEMS = ['ext4', 'xfs', 'btrfs', 'vfat'] as const;
export type DiskFilesystem = (typeof FILESYSTEMS)[number];
export type DiskUse = DiskFilesystem | 'swap';

export type DiskChoice =
  | { readonly by: 'label'; readonly label: string }
  | { readonly by: 'uuid'; readonly uuid: string }
  | { readonly by: 'path'; readonly path: string }
  /** In bytes, both included. */
  | { readonly by: 'size'; readonly min: number; readonly max: number }
  | { readonly by: 'firstBlank' };

export type KeySource =
  | { readonly from: 'file'; readonly path: string }
  /** Sealed: to be had only while these registers are as they were when the volume was made. */
  | { readonly from: 'tpm'; readonly pcrs: readonly number[] };

/** How long a label may be in bytes: those of ext4 and swap (their headers in the kernel), xfs_admin(8), btrfs(8), mkfs.fat(8). */
export const LABEL_BYTES: Readonly<Record<DiskUse, number>> = {
  ext4: 16,
  swap: 15,
  xfs: 12,
  vfat: 11,
  // It could be longer; the name of a partition cannot (36 characters, "ishmael-new-" before it).
  btrfs: 24,
};
