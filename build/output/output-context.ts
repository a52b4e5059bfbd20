import type { SignConfig } from '../config/root-schema.ts';
import type { ImageStore } from '../image/image-store.ts';
import type { Tree } from '../rootfs/tree.ts';
import type { Compression } from './initrd-segment.ts';
import type { LayoutStore } from './volume-tree.ts';

/** What every output format is told. */
export interface OutputContext {
  readonly store: LayoutStore & Pick<ImageStore, 'find'>;
  /** Directory and base name of the output files. */
  readonly dir: string;
  readonly name: string;
  readonly compression: Compression;
  readonly progress: (line: string) => void;
  /** A folder for what is needed until the files are written. */
  readonly scratch: string;
  /** With what the programs that UEFI starts are signed. */
  readonly sign?: SignConfig;
  /** How large disks are to be, in bytes; as small as can be without it. */
  readonly size?: number;
  /** Parts of an earlier build (`--input-tar`), by what part-key.ts calls them. */
  readonly reusable?: ReadonlyMap<string, Tree>;
}
