import { expect, it } from 'vitest';
import { describeBlockDevice } from '../../../../supervisor/inspect/block-device.ts';

const DISK = {
  name: 'vda',
  link: '../../devices/pci0000:00/0000:00:03.0/virtio1/block/vda',
  dev: '254:0\n',
  size: '2048\n',
  ro: '0\n',
  removable: '0\n',
  stat: '   11    2   16   4   5   6   32   7   1   8   9   0 0 0 0 0 0\n',
  partition: '',
  model: '',
  serial: 'whale \n',
};

it('describeBlockDevice() counts in bytes, whatever the sectors are', () => {
  expect(describeBlockDevice(DISK)).toEqual({
    name: 'vda',
    device: '254:0',
    sizeBytes: 1024 * 1024,
    readOnly: false,
    removable: false,
    serial: 'whale',
    reads: 11,
    readBytes: 16 * 512,
    readMs: 4,
    writes: 5,
    writtenBytes: 32 * 512,
    writeMs: 7,
    busyMs: 8,
    inFlight: 1,
  });
});

it('describeBlockDevice() knows whose partition it is', () => {
  const partition = {
    ...DISK,
    name: 'vda1',
    link: `${DISK.link}/vda1`,
    partition: '1\n',
    ro: '1\n',
  };
  expect(describeBlockDevice(partition)).toMatchObject({ parent: 'vda', readOnly: true });
});
