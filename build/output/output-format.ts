/** What is known of an output format before anything is made. */
import type { HostTool } from '../host-tools.ts';
import type { MachineParts } from './machine-trees.ts';
import type { OutputContext } from './output-context.ts';
import type { OutputFile } from './write-whole.ts';

/**
 * Where the root is: in the initrd; in an archive that nobody boots; a file system beside the kernel; on a disk, in its initrd or
 * in a partition as the YAML says; or a disc's own file system.
 */
export type RootPlace = 'initrd' | 'archive' | 'beside' | 'disk' | 'disc';

export interface Format {
  readonly files: (parts: MachineParts, context: OutputContext) => Promise<readonly OutputFile[]>;
  readonly root: RootPlace;
  readonly tools?: readonly HostTool[];
  /** A component that no file names: its boot loader, or what mounts its root. */
  readonly component?: string;
  readonly firmware?: 'bios' | 'efi' | 'rpi';
  /** Whether it has a size that can be asked for. */
  readonly isSized?: boolean;
}
