/** Where the parts of a kernel+initrd image lie. The builder's writer uses the same names. */
import { join } from 'node:path';

export interface ImageFiles {
  readonly kernel: string;
  readonly initrd: string;
  /** A text file that holds the kernel's command line. */
  readonly cmdline: string;
}

export function imageFiles(dir: string, name: string): ImageFiles {
  return {
    kernel: join(dir, `${name}-kernel`),
    initrd: join(dir, `${name}-initrd.img`),
    cmdline: join(dir, `${name}-cmdline`),
  };
}
