import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { nameInStore } from '../../../../build/image/name-in-store.ts';

test.each([
  ['redis', 'redis:latest'],
  ['registry.test:5000/redis:7', 'registry.test:5000/redis:7'],
  ['docker-daemon:redis:7', 'docker-daemon:redis:7'],
  ['oci:./app', `oci:${resolve('app')}:latest`],
  ['oci-archive:/x/app.tar:tag', 'oci-archive:/x/app.tar:tag'],
  ['build:app?file=F', `build:${resolve('app')}?file=F:latest`],
])('nameInStore(%s) is %s', (reference, name) => {
  expect(nameInStore(reference)).toBe(name);
});
