import type { Recipe } from '../../build/component/recipe.ts';

/**
 * What a Raspberry Pi 4 loads from its card before any kernel: the program of its graphics processor. It is not free, but may be
 * passed on for these boards, with its licence.
 */
export const recipe: Recipe = {
  name: 'raspi-firmware',
  packages: ['raspi-firmware'],
  area: 'non-free-firmware',
  // For its hooks on a Debian system.
  assume: ['dosfstools', 'dpkg'],
  keep: [
    'usr/lib/raspi-firmware/start4.elf',
    'usr/lib/raspi-firmware/fixup4.dat',
    'usr/share/doc/raspi-firmware/copyright',
  ],
  add: [],
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
