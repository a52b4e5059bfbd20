import { describe, expect, test } from 'vitest';
import { packagesOfTree } from '../../../../build/sbom/image-packages.ts';
import { parseApkInstalled, parseDpkgStatus } from '../../../../build/sbom/package-databases.ts';
import { packageUrl } from '../../../../build/sbom/package.ts';
import { file, symlink, treeOf } from '../rootfs/trees.ts';

const STATUS = `Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc (2.41-12)
Version: 2.41-12+deb13u1
Description: GNU C Library
 Package: not a field

Package: gone
Status: deinstall ok config-files
Version: 1

Package: held
Status: hold ok installed
Version: 1:2.0~rc1
`;

const INSTALLED = `C:Q1abc=
P:musl
V:1.2.5-r9
A:x86_64
L:MIT
o:musl
F:lib
R:libc.so

P:busybox-binsh
V:1.37.0-r12
o:busybox
L:GPL-2.0-only
`;

describe('parseDpkgStatus()', () => {
  test('takes what is installed', () => {
    expect(parseDpkgStatus(STATUS, 'debian')).toEqual([
      {
        type: 'deb',
        distro: 'debian',
        name: 'libc6',
        version: '2.41-12+deb13u1',
        architecture: 'amd64',
        source: 'glibc',
      },
      { type: 'deb', distro: 'debian', name: 'held', version: '1:2.0~rc1' },
    ]);
  });
});

describe('parseApkInstalled()', () => {
  test('takes every package', () => {
    expect(parseApkInstalled(INSTALLED, 'alpine')).toEqual([
      {
        type: 'apk',
        distro: 'alpine',
        name: 'musl',
        version: '1.2.5-r9',
        architecture: 'x86_64',
        license: 'MIT',
      },
      {
        type: 'apk',
        distro: 'alpine',
        name: 'busybox-binsh',
        version: '1.37.0-r12',
        source: 'busybox',
        license: 'GPL-2.0-only',
      },
    ]);
  });
});

test('packageUrl() escapes what a URL cannot have', () => {
  const [libc, held] = parseDpkgStatus(STATUS, 'debian');
  expect(libc && packageUrl(libc)).toBe('pkg:deb/debian/libc6@2.41-12%2Bdeb13u1?arch=amd64');
  expect(held && packageUrl(held)).toBe('pkg:deb/debian/held@1:2.0~rc1');
});

describe('packagesOfTree()', () => {
  test('finds the databases behind links, and the distribution', async () => {
    const tree = treeOf({
      'etc/os-release': symlink('../usr/lib/os-release'),
      'usr/lib/os-release': file('NAME="Wolfi"\nID=wolfi\n'),
      'lib/apk': symlink('../usr/lib/apk'),
      'usr/lib/apk/db/installed': file(INSTALLED),
    });
    expect((await packagesOfTree(tree)).map(packageUrl)).toEqual([
      'pkg:apk/wolfi/musl@1.2.5-r9?arch=x86_64',
      'pkg:apk/wolfi/busybox-binsh@1.37.0-r12',
    ]);
  });

  test('reads the files of images without dpkg', async () => {
    const tree = treeOf({
      'var/lib/dpkg/status.d/base': file('Package: base-files\nVersion: 13\n'),
      'var/lib/dpkg/status.d/base.md5sums': file('Package: wrong\nVersion: 1\n'),
    });
    expect((await packagesOfTree(tree)).map(({ name }) => name)).toEqual(['base-files']);
  });

  test('finds nothing in an image from scratch', async () => {
    expect(await packagesOfTree(treeOf({ app: file('x') }))).toEqual([]);
  });
});
