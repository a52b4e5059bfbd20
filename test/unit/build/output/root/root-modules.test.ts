import { expect, it } from 'vitest';
import { readModuleIndex, rootModules } from '../../../../../build/output/root/root-modules.ts';

const INDEX =
  readModuleIndex(`kernel/drivers/mmc/host/sdhci-iproc.ko: kernel/drivers/mmc/host/sdhci.ko
kernel/drivers/mmc/host/sdhci.ko:
kernel/drivers/regulator/gpio-regulator.ko:
kernel/drivers/reset/reset-raspberrypi.ko:
kernel/drivers/net/tun.ko:
kernel/drivers/block/zram.ko:
kernel/fs/erofs/erofs.ko: kernel/lib/libcrc32c.ko
kernel/lib/libcrc32c.ko:
kernel/crypto/crc32c_generic.ko:
`);

it('has the drivers of disks and of what they are behind, the file system, and what these need', () => {
  expect(rootModules(INDEX, ['crc32c_generic', 'erofs', 'dm_verity'])).toEqual([
    'kernel/crypto/crc32c_generic.ko',
    'kernel/drivers/mmc/host/sdhci-iproc.ko',
    'kernel/drivers/mmc/host/sdhci.ko',
    'kernel/drivers/regulator/gpio-regulator.ko',
    'kernel/drivers/reset/reset-raspberrypi.ko',
    'kernel/fs/erofs/erofs.ko',
    'kernel/lib/libcrc32c.ko',
  ]);
});
