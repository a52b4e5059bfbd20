import { describe, expect, it, test } from 'vitest';
import { type DiskFacts, linkNames, planLinks } from '../../../../init/disk-links/link-names.ts';

const VIRTIO = '/sys/devices/pci0000:00/0000:00:03.0/virtio1/block/vda';

describe('linkNames()', () => {
  test.each([
    [VIRTIO, 'by-path/pci-0000:00:03.0'],
    ['/sys/devices/pci0000:00/0000:00:04.0/nvme/nvme0/nvme0n1', 'by-path/pci-0000:00:04.0-nvme-1'],
    [
      '/sys/devices/pci0000:00/0000:00:1f.2/ata3/host2/target2:0:0/2:0:0:0/block/sda',
      'by-path/pci-0000:00:1f.2-ata-3',
    ],
    [
      '/sys/devices/pci0000:00/0000:00:05.0/virtio2/host0/target0:0:1/0:0:1:0/block/sdb',
      'by-path/pci-0000:00:05.0-scsi-0:0:1:0',
    ],
    [
      '/sys/devices/pci0000:00/0000:00:06.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdc',
      'by-path/pci-0000:00:06.0-usb-0:1:1.0-scsi-0:0:0:0',
    ],
    [
      '/sys/devices/pci0000:00/0000:00:1c.0/0000:02:00.0/nvme/nvme1/nvme1n2',
      'by-path/pci-0000:02:00.0-nvme-2',
    ],
    [
      '/sys/devices/platform/fe340000.mmc/mmc_host/mmc0/mmc0:0001/block/mmcblk0',
      'by-path/platform-fe340000.mmc',
    ],
  ])('by path: %s', (sysPath, name) => {
    expect(linkNames({ node: 'x', sysPath })).toEqual([name]);
  });

  test('a partition has its number behind the names of its disk, and a file system of its own', () => {
    const disk = { node: 'vda2', sysPath: VIRTIO, partition: 2, serial: 'abc' };
    expect(linkNames({ ...disk, superblock: { label: 'data', uuid: '1234-ABCD' } })).toEqual([
      'by-label/data',
      'by-uuid/1234-ABCD',
      'by-path/pci-0000:00:03.0-part2',
      'by-id/virtio-abc-part2',
    ]);
  });

  test.each<[Omit<DiskFacts, 'sysPath'>, string[]]>([
    [{ node: 'vda', serial: 'one two' }, ['by-id/virtio-one_two']],
    [{ node: 'vda', serial: '' }, []],
    [
      { node: 'nvme0n1', model: 'QEMU NVMe Ctrl', serial: 'disk1', wwid: 'eui.00253' },
      ['by-id/nvme-QEMU_NVMe_Ctrl_disk1', 'by-id/nvme-eui.00253'],
    ],
    [{ node: 'sda', wwid: 'naa.5000c500a' }, ['by-id/wwn-0x5000c500a']],
    [
      { node: 'sda', wwid: 't10.ATA     QEMU HARDDISK                 QM00001' },
      ['by-id/ata-QEMU_HARDDISK_QM00001'],
    ],
    [{ node: 'mmcblk0', model: 'SD16G', serial: '0x1234' }, ['by-id/mmc-SD16G_0x1234']],
  ])('by id: %j', (disk, names) => {
    expect(linkNames({ ...disk, sysPath: '/sys/devices/virtual/x' })).toEqual(names);
  });

  it('a label leads nowhere else', () => {
    const label = '../../etc/passwd\n$(x) größe';
    const [name = ''] = linkNames({ node: 'vda', sysPath: '/x', superblock: { label } });
    expect(name).toBe('by-label/..\\x2f..\\x2fetc\\x2fpasswd_\\x24\\x28x\\x29_größe');
  });
});

it('planLinks() leaves a name to the first who has it', () => {
  const superblock = { label: 'data' };
  const links = planLinks([
    { node: 'vda', sysPath: '/x', superblock },
    { node: 'vdb', sysPath: '/y', superblock },
  ]);
  expect([...links]).toEqual([['by-label/data', '../../vda']]);
});
