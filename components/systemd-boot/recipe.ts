import type { Recipe } from '../../build/component/recipe.ts';

/** What UEFI firmware starts on disks and discs that the builder makes: a boot manager that loads a kernel and its initrd. */
export const recipe: Recipe = {
  name: 'systemd-boot',
  packages: ['systemd-boot-efi'],
  assume: [],
  keep: ['usr/lib/systemd/boot/efi/systemd-boot*.efi', 'usr/lib/systemd/boot/efi/linux*.efi.stub'],
  add: [],
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
