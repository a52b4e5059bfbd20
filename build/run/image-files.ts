/** Where the parts of a kernel+initrd image lie. The builder's writer uses the same names. */
import { join } from 'node:path';

export const ROOT_NAMES = ['squashfs', 'erofs', 'iso'] as const;
export type RootName = (typeof ROOT_NAMES)[number];

export interface ImageFiles {
  readonly kernel: string;
  readonly initrd: string;
  /** A text file that holds the kernel's command line. */
  readonly cmdline: string;
}

/** @param root of a root that is a file system: which of them, as its files are named */
export function imageFiles(dir: string, name: string, root?: RootName): ImageFiles {
  return {
    kernel: join(dir, `${name}-kernel`),
    initrd: join(dir, root === undefined ? `${name}-initrd.img` : `${name}-${root}-initrd.img`),
    cmdline: join(dir, `${name}-cmdline`),
  };
}

/** Where the root of such an image is. */
export function rootPath(dir: string, name: string, root: RootName): string {
  return join(dir, root === 'iso' ? `${name}.iso` : `${name}-${root}.img`);
}

/** A file that holds the root of a machine whose kernel is loaded from another. */
export interface RootFile {
  /** The image's name. */
  readonly name: string;
  readonly kind: RootName;
}

/** `NAME-squashfs.img`, `NAME-erofs.img`, `NAME.iso`; a `NAME.iso` may also be a disc that boots by itself. */
export function rootFile(path: string): RootFile | undefined {
  const [, name, img, iso] = /([^/]+?)(?:-(squashfs|erofs)\.img|\.(iso))$/u.exec(path) ?? [];
  const kind = ROOT_NAMES.find((known) => known === (img ?? iso));
  return name === undefined || kind === undefined ? undefined : { name, kind };
}
