import { expect, it } from 'vitest';
import { missingPackage, renderStatus } from '../../../../build/component/apt-state.ts';

it.each([
  ['E: Unable to locate package linux-image-6', 'linux-image-6'],
  ["E: Package 'redis-server' has no installation candidate", 'redis-server'],
  ['E: Failed to fetch somewhere  404  Not Found', undefined],
])('missingPackage() of %j', (stderr, name) => {
  expect(missingPackage(stderr)).toBe(name);
});

it('renderStatus() has a paragraph for each package that is taken as installed', () => {
  const paragraphs = renderStatus(['adduser', 'debconf']).split('\n\n');
  expect(paragraphs).toHaveLength(2);
  expect(paragraphs[1]).toMatch(/^Package: debconf\nStatus: install ok installed\n/);
});
