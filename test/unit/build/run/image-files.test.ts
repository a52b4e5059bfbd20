import { expect, test } from 'vitest';
import { imageFiles, rootFile, rootPath } from '../../../../build/run/image-files.ts';

test.each([
  ['dist/redis-squashfs.img', { name: 'redis', kind: 'squashfs' }],
  ['/a-b/my-edge-erofs.img', { name: 'my-edge', kind: 'erofs' }],
  ['edge.iso', { name: 'edge', kind: 'iso' }],
  ['redis-efi.img', undefined],
  ['redis-squashfs-initrd.img', undefined],
  ['squashfs.img', undefined],
] as const)('rootFile(%j)', (path, file) => {
  expect(rootFile(path)).toEqual(file);
});

test('a root that is not in the initrd has an initrd of its own', () => {
  expect(imageFiles('d', 'redis', 'erofs').initrd).toBe('d/redis-erofs-initrd.img');
  expect(rootPath('d', 'redis', 'erofs')).toBe('d/redis-erofs.img');
  expect(rootPath('d', 'redis', 'iso')).toBe('d/redis.iso');
  expect(imageFiles('d', 'redis').initrd).toBe('d/redis-initrd.img');
});
