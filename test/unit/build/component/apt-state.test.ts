import { expect, it } from 'vitest';
import { missingPackage, parseUris, renderStatus } from '../../../../build/component/apt-state.ts';

it.each([
  ['E: Unable to locate package linux-image-6', 'linux-image-6'],
  ["E: Package 'redis-server' has no installation candidate", 'redis-server'],
  ['E: Failed to fetch somewhere  404  Not Found', undefined],
])('missingPackage() of %j', (stderr, name) => {
  expect(missingPackage(stderr)).toBe(name);
});

it('parseUris() has the size of each package, by name and version', () => {
  const output = [
    "'mirror/busybox-static_1.37.0-6%2bb9_amd64.deb' busybox-static_1%3a1.37.0-6+b9_amd64.deb 955316 SHA256:59",
    "'mirror/libc6_2.41-12%2bdeb13u2_arm64.deb' libc6_2.41-12+deb13u2_arm64.deb 2400112 SHA256:1c",
    'W: something that is no file',
    '',
  ].join('\n');
  expect(parseUris(output)).toEqual(
    new Map([
      ['busybox-static=1:1.37.0-6+b9', 955_316],
      ['libc6=2.41-12+deb13u2', 2_400_112],
    ]),
  );
});

it('renderStatus() has a paragraph for each package that is taken as installed', () => {
  const paragraphs = renderStatus(['adduser', 'debconf']).split('\n\n');
  expect(paragraphs).toHaveLength(2);
  expect(paragraphs[1]).toMatch(/^Package: debconf\nStatus: install ok installed\n/);
});
