import { expect, test } from 'vitest';
import { cgroupFinder } from '../../../init/units.ts';
import {
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_SERVICE_POLICY,
} from '../../../supervisor/service/policy.ts';
import { containerSpec } from '../../support/container-specs.ts';

test('cgroupFinder() knows where the cgroup of every unit is', () => {
  const cgroupsPath = '/mine/web';
  const find = cgroupFinder({
    onboot: [
      { ...containerSpec({ name: 'a' }), policy: DEFAULT_ONBOOT_POLICY },
      { ...containerSpec({ name: 'a', cgroupsPath }), policy: DEFAULT_ONBOOT_POLICY },
    ],
    services: [
      {
        ...containerSpec({ name: 'web', cgroupsPath }),
        policy: DEFAULT_SERVICE_POLICY,
        preStart: [],
      },
      { ...containerSpec({ name: 'db' }), policy: DEFAULT_SERVICE_POLICY, preStart: [] },
    ],
    onshutdown: [],
  });
  expect(find({ id: '000-a', kind: 'onboot' })).toBe('/onboot/000-a');
  expect(find({ id: '001-a', kind: 'onboot' })).toBe('/mine/web');
  expect(find({ id: 'web', kind: 'service' })).toBe('/mine/web');
  expect(find({ id: 'db', kind: 'service' })).toBe('/services/db');
  expect(find({ id: 'console-ttyS0', kind: 'system' })).toBe('/system');
});
