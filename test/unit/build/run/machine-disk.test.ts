import { describe, expect, it, test } from 'vitest';
import { diskArgs, type MachineDisk, parseDisk } from '../../../../build/run/machine-disk.ts';

const values = (option: string, disks: readonly MachineDisk[]): string[] => {
  const words = diskArgs(disks);
  return words.filter((_, index) => words[index - 1] === option);
};

describe('parseDisk()', () => {
  test.each([
    ['data.raw', { path: 'data.raw', bus: 'virtio' }],
    ['/d/a,b.img', { path: '/d/a,b.img', bus: 'virtio' }],
    ['/d/a,b.img,bus=nvme', { path: '/d/a,b.img', bus: 'nvme' }],
    ['boot.iso,bus=cd', { path: 'boot.iso', bus: 'cd' }],
    ['data.raw,bus=floppy', undefined],
    ['data.raw,bus=', undefined],
    [',bus=sata', undefined],
  ])('%s', (text, disk) => {
    expect(parseDisk(text)).toEqual(disk);
  });
});

describe('diskArgs()', () => {
  it('has the disks in their order, qcow2 by its ending', () => {
    const disks: MachineDisk[] = [
      { path: '/d/a,b.img', bus: 'virtio' },
      { path: '/d/c.qcow2', bus: 'virtio' },
    ];
    expect(values('-blockdev', disks)).toEqual([
      'driver=raw,node-name=disk0,discard=unmap,file.driver=file,file.filename=/d/a,,b.img',
      'driver=qcow2,node-name=disk1,discard=unmap,file.driver=file,file.filename=/d/c.qcow2',
    ]);
    expect(values('-blockdev', [{ path: '/d/e', bus: 'nvme', readonly: true }])).toEqual([
      'driver=raw,node-name=disk0,read-only=on,file.driver=file,file.filename=/d/e',
    ]);
    expect(values('-device', disks)).toEqual([
      'virtio-blk-pci,serial=disk0,drive=disk0',
      'virtio-blk-pci,serial=disk1,drive=disk1',
    ]);
  });

  it('has one controller for all that hang on it, and a port for each', () => {
    const disks = (['sata', 'usb', 'cd', 'nvme', 'usb', 'sd'] as const).map((bus) => ({
      path: `/d/${bus}`,
      bus,
    }));
    expect(values('-device', disks)).toEqual([
      'ahci,id=ahci',
      'qemu-xhci,id=xhci',
      'sdhci-pci',
      'ide-hd,bus=ahci.0,drive=disk0',
      'usb-storage,bus=xhci.0,drive=disk1',
      'ide-cd,bus=ahci.1,drive=disk2',
      'nvme,serial=disk3,drive=disk3',
      'usb-storage,bus=xhci.0,drive=disk4',
      'sd-card,drive=disk5',
    ]);
  });

  it('only reads a CD', () => {
    expect(values('-blockdev', [{ path: '/d/x.iso', bus: 'cd' }])).toEqual([
      'driver=raw,node-name=disk0,read-only=on,file.driver=file,file.filename=/d/x.iso',
    ]);
  });

  it('boots the first when it is to', () => {
    const disks: MachineDisk[] = [
      { path: '/d/boot.vmdk', bus: 'nvme' },
      { path: '/d/data.vhd', bus: 'virtio' },
    ];
    const words = diskArgs(disks, true);
    expect(words).toContain('nvme,serial=disk0,drive=disk0,bootindex=0');
    expect(words).toContain('virtio-blk-pci,serial=disk1,drive=disk1');
    expect(words.join(' ')).toMatch(/driver=vmdk,node-name=disk0.*driver=vpc,node-name=disk1/);
  });

  it('is nothing without disks', () => {
    expect(diskArgs([])).toEqual([]);
  });
});
