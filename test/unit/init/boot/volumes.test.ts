import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountVolumes } from '../../../../init/boot/steps/volumes.ts';
import { MS_BIND, MS_RDONLY, MS_REMOUNT } from '../../../../sys/mount-flags.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

let root = '';
let sys = new FakeSys();
const at = (name: string, part: string): string => join(root, 'containers/volumes', name, part);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'volumes-'));
  sys = new FakeSys();
  for (const name of ['a', 'b']) {
    for (const part of ['lower', 'tmp', 'merged']) mkdirSync(at(name, part), { recursive: true });
  }
});
afterEach(() => rmSync(root, { recursive: true }));

test('mountVolumes() gives a writable volume a tmpfs above what the image has', () => {
  mkdirSync(at('a', 'lower'), { recursive: true, mode: 0o755 });
  mountVolumes(sys, [{ name: 'a', readonly: false }], root);
  const tmp = at('a', 'tmp');
  expect(sys.argsOf('mount')).toEqual([
    ['tmpfs', tmp, 'tmpfs', 0, 'mode=700,size=50%'],
    [
      'overlay',
      at('a', 'merged'),
      'overlay',
      0,
      `lowerdir=${at('a', 'lower')},upperdir=${tmp}/upper,workdir=${tmp}/work`,
    ],
  ]);
  expect(statSync(`${tmp}/upper`).mode).toBe(statSync(at('a', 'lower')).mode);
});

test('mountVolumes() lets nobody write to a read-only volume, whatever a bind says', () => {
  mountVolumes(sys, [{ name: 'b', readonly: true }], root);
  expect(sys.argsOf('mount')).toEqual([
    [at('b', 'lower'), at('b', 'merged'), '', MS_BIND, ''],
    ['', at('b', 'merged'), '', MS_BIND | MS_REMOUNT | MS_RDONLY, ''],
  ]);
});

test('mountVolumes() goes on after one that cannot be mounted, and says which', () => {
  sys.failNext('mount', 'ENOMEM');
  const volumes = [
    { name: 'a', readonly: false },
    { name: 'b', readonly: true },
  ];
  expect(() => mountVolumes(sys, volumes, root)).toThrow(/^volume a: .*ENOMEM$/);
  expect(sys.argsOf('mount')).toHaveLength(3);
});
