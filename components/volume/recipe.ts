import {
  C_LIBRARY,
  containerConfig,
  DEBIAN_SYSTEM,
  type Recipe,
} from '../../build/component/recipe.ts';
import { VOLUME_FILES, VOLUME_KEEP, VOLUME_PACKAGES, VOLUME_SETTINGS } from './settings.ts';

/** Puts a volume on a disk: ext4, FAT or a place to swap to. `ishmael build` takes it for `disk` in `volumes`. */
export const recipe: Recipe = {
  name: 'volume',
  packages: VOLUME_PACKAGES,
  assume: [...DEBIAN_SYSTEM, 'libpam-modules', 'libpam-runtime', 'libpam0g'],
  keep: [...VOLUME_KEEP, ...C_LIBRARY],
  add: VOLUME_FILES,
  config: containerConfig({ entrypoint: ['/usr/bin/volume'], settings: VOLUME_SETTINGS }),
};
