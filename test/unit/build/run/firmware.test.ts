import { expect, test } from 'vitest';
import {
  bootMedium,
  firmwareArgs,
  firmwareTools,
  readBus,
} from '../../../../build/run/firmware.ts';

test.each([
  ['/d/redis-efi.img', 'redis', 'uefi', 'virtio'],
  ['/d/redis-efi.qcow2', 'redis', 'uefi', 'virtio'],
  ['/d/redis-efi.iso', 'redis', 'uefi', 'cd'],
  ['/d/redis-efi-initrd.iso', 'redis', 'uefi', 'cd'],
  ['/d/redis-bios.img', 'redis', 'bios', 'virtio'],
  ['/d/redis.iso', 'redis', 'bios', 'cd'],
  ['/d/my.edge.qcow2', 'my.edge', 'bios', 'virtio'],
  ['/d/redis.vmdk', 'redis', 'bios', 'virtio'],
  ['/d/redis.vhd', 'redis', 'bios', 'virtio'],
  ['/d/disk.raw', 'disk', 'bios', 'virtio'],
])('%s is %s, booted by %s from %s', (path, image, firmware, bus) => {
  expect(bootMedium(path)).toEqual({ image, firmware, bootDisk: { path, bus } });
});

test.each(['/d/redis-kernel', '/d/redis.img.tar.gz', '/d/redis.tar', '/d/redis-rpi4.img'])(
  '%s is not booted',
  (path) => {
    expect(bootMedium(path)).toBeUndefined();
  },
);

test('firmware boots from no card', () => {
  expect(readBus('sd')).toBeUndefined();
  expect(readBus('usb')).toBe('usb');
});

test('Secure Boot has firmware of its own, and variables with keys', () => {
  const bootDisk = { path: '/d/x', bus: 'virtio' } as const;
  const boot = { firmware: 'uefi', arch: 'amd64', bootDisk, variables: '/v.fd' } as const;
  const words = firmwareArgs(boot).join(' ');
  expect(words).toContain('secure,value=on');
  expect(words).toContain('secboot.fd');
  expect(words).toMatch(/unit=1,.*snapshot=on,file=\/v\.fd$/);
  expect(firmwareTools(boot)[0]?.command).toMatch(/secboot/);
});

test('a BIOS is in QEMU, UEFI is not', () => {
  const bootDisk = { path: '/d/x', bus: 'virtio' } as const;
  const bios = { firmware: 'bios', arch: 'amd64', bootDisk } as const;
  expect(firmwareArgs(bios)).toEqual([]);
  expect(firmwareTools(bios)).toEqual([]);
  const packages = (['amd64', 'arm64'] as const).map(
    (arch) => firmwareTools({ firmware: 'uefi', arch, bootDisk })[0]?.package,
  );
  expect(packages).toEqual(['ovmf', 'qemu-efi-aarch64']);
  expect(firmwareArgs({ firmware: 'uefi', arch: 'amd64', bootDisk }).join(' ')).toMatch(
    /^-drive if=pflash,unit=0,.*readonly=on.* -drive if=pflash,unit=1,.*snapshot=on/,
  );
});
