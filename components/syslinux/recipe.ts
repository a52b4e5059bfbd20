import type { Recipe } from '../../build/component/recipe.ts';

/** What a BIOS starts on disks and discs that the builder makes. The program `syslinux` itself is the host's. */
export const recipe: Recipe = {
  name: 'syslinux',
  packages: ['isolinux', 'syslinux-common'],
  assume: [],
  keep: [
    'usr/lib/ISOLINUX/isolinux.bin',
    'usr/lib/ISOLINUX/isohdpfx.bin',
    'usr/lib/syslinux/mbr/mbr.bin',
    'usr/lib/syslinux/modules/bios/ldlinux.c32',
  ],
  add: [],
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
