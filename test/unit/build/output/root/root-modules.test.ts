import { describe, expect, it } from 'vitest';
import {
  aliasLines,
  dependencyLines,
  readModuleIndex,
  rootModules,
} from '../../../../../build/output/root/root-modules.ts';

const DEP = `kernel/drivers/block/virtio_blk.ko:
kernel/drivers/block/loop.ko:
kernel/drivers/scsi/sd_mod.ko.xz: kernel/drivers/scsi/scsi_mod.ko.xz kernel/drivers/scsi/scsi_common.ko.xz
kernel/drivers/scsi/scsi_mod.ko.xz: kernel/drivers/scsi/scsi_common.ko.xz
kernel/drivers/scsi/scsi_common.ko.xz:
kernel/drivers/md/dm-verity.ko: kernel/drivers/md/dm-bufio.ko kernel/drivers/md/dm-mod.ko
kernel/drivers/md/dm-bufio.ko: kernel/drivers/md/dm-mod.ko
kernel/drivers/md/dm-mod.ko:
kernel/drivers/net/virtio_net.ko: kernel/net/core/failover.ko
kernel/net/core/failover.ko:
kernel/fs/erofs/erofs.ko:
kernel/fs/squashfs/squashfs.ko:
`;
const ALIASES = `# Aliases extracted from modules themselves.
alias virtio:d00000002v* virtio_blk
alias virtio:d00000001v* virtio_net
alias fs-erofs erofs
alias scsi:t-0x00* sd-mod
`;

describe('rootModules()', () => {
  const index = readModuleIndex(DEP);

  it('has the drivers of disks, the file system, and what they need; a dash is an underscore', () => {
    expect(rootModules(index, ['erofs', 'dm_verity'])).toEqual([
      'kernel/drivers/block/virtio_blk.ko',
      'kernel/drivers/md/dm-bufio.ko',
      'kernel/drivers/md/dm-mod.ko',
      'kernel/drivers/md/dm-verity.ko',
      'kernel/drivers/scsi/scsi_common.ko.xz',
      'kernel/drivers/scsi/scsi_mod.ko.xz',
      'kernel/drivers/scsi/sd_mod.ko.xz',
      'kernel/fs/erofs/erofs.ko',
    ]);
  });

  it('takes what is no module for built in', () => {
    expect(rootModules(index, ['ext4'])).not.toContain('ext4');
    expect(rootModules(readModuleIndex(''), ['ext4'])).toEqual([]);
  });

  it('ends where modules need each other', () => {
    const circle =
      'kernel/drivers/block/a.ko: kernel/b.ko\nkernel/b.ko: kernel/drivers/block/a.ko\n';
    expect(rootModules(readModuleIndex(circle), [])).toEqual([
      'kernel/b.ko',
      'kernel/drivers/block/a.ko',
    ]);
  });
});

it('keeps the lines of the index that are about them', () => {
  const paths = ['kernel/drivers/block/virtio_blk.ko', 'kernel/drivers/scsi/sd_mod.ko.xz'];
  expect(dependencyLines(DEP, paths)).toBe(`kernel/drivers/block/virtio_blk.ko:
kernel/drivers/scsi/sd_mod.ko.xz: kernel/drivers/scsi/scsi_mod.ko.xz kernel/drivers/scsi/scsi_common.ko.xz
`);
  expect(aliasLines(ALIASES, paths)).toBe(`alias virtio:d00000002v* virtio_blk
alias scsi:t-0x00* sd-mod
`);
});
