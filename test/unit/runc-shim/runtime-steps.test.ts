import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moduleAliases } from '../../../runc-shim/oci/module-aliases.ts';
import type { RuntimeSteps } from '../../../runc-shim/oci/container-spec.ts';
import { attachSteps, prepareSteps, RuntimeStepError } from '../../../runc-shim/runtime-steps.ts';
import {
  MNT_DETACH,
  MS_BIND,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SHARED,
} from '../../../sys/mount-flags.ts';
import { encodeLinkAdd, encodeLinkMove } from '../../../sys/netlink/link.ts';
import { containerSpec } from '../../support/container-specs.ts';
import { FakeSys } from '../../support/fake-sys.ts';

let dir = '';
let sys = new FakeSys();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'runtime-steps-'));
  sys = new FakeSys();
});
afterEach(() => rmSync(dir, { recursive: true }));

function prepare(steps: RuntimeSteps): void {
  prepareSteps(sys, steps, {
    rootfs: join(dir, 'rootfs'),
    id: 'a',
    cgroupRoot: join(dir, 'cgroup'),
    madeDir: join(dir, 'made'),
  });
}

function failureOf(action: () => void): RuntimeStepError {
  try {
    action();
  } catch (error) {
    if (error instanceof RuntimeStepError) return error;
    throw error;
  }
  throw new Error('It did not fail');
}

describe('prepareSteps()', () => {
  test('mounts in the root of the container what has a relative destination, at each start', () => {
    const mount = {
      type: 'tmpfs',
      source: 'tmpfs',
      destination: 'a/b',
      options: ['nosuid', 'size=1m'],
    };
    prepare({ mounts: [mount] });
    prepare({ mounts: [mount] });
    const target = join(dir, 'rootfs/a/b');
    expect(sys.argsOf('mount')).toEqual([
      ['tmpfs', target, 'tmpfs', 2, 'size=1m'],
      ['tmpfs', target, 'tmpfs', 2, 'size=1m'],
    ]);
    expect(statSync(target).isDirectory()).toBe(true);
  });

  test('does not climb out of the root', () => {
    prepare({ mkdir: ['../../x'] });
    expect(existsSync(join(dir, 'rootfs/x'))).toBe(true);
  });

  test('mounts on the machine once, whatever is started how often', () => {
    const destination = join(dir, 'data');
    const mount = { type: 'ext4', source: '/dev/vda', destination, options: [] };
    prepare({ mounts: [mount] });
    prepare({ mounts: [mount] });
    expect(sys.argsOf('mount')).toEqual([['/dev/vda', destination, 'ext4', 0, '']]);
  });

  test('tries a mount again that has failed', () => {
    const destination = join(dir, 'data');
    const mounts = [{ type: 'ext4', source: '/dev/vda', destination, options: [] }];
    sys.failNext('mount', 'ENOENT');
    expect(failureOf(() => prepare({ mounts }))).toMatchObject({
      code: 'mount',
      target: destination,
    });
    prepare({ mounts });
    expect(sys.argsOf('mount')).toHaveLength(2);
  });

  test('sets flags and propagation of a bind after it', () => {
    const destination = join(dir, 'data');
    prepare({
      mounts: [{ type: 'bind', source: '/x', destination, options: ['rbind', 'ro', 'rshared'] }],
    });
    expect(sys.argsOf('mount').map(([, , , flags]) => flags)).toEqual([
      MS_BIND | MS_REC | MS_RDONLY,
      MS_BIND | MS_REMOUNT | MS_RDONLY,
      MS_SHARED | MS_REC,
    ]);
  });

  test('makes the directories of an overlay', () => {
    const [upper, work] = [join(dir, 'up/per'), join(dir, 'work')];
    const options = ['lowerdir=/l', `upperdir=${upper}`, `workdir=${work}`];
    prepare({ mounts: [{ type: 'overlay', source: 'overlay', destination: 'o', options }] });
    expect(existsSync(upper) && existsSync(work)).toBe(true);
  });

  test('makes directories and cgroups', () => {
    prepare({ mkdir: [join(dir, 'm/n'), 'in/root'], cgroups: ['mine/a', '/b'] });
    for (const path of ['m/n', 'rootfs/in/root', 'cgroup/mine/a', 'cgroup/b']) {
      expect(statSync(join(dir, path)).isDirectory()).toBe(true);
    }
  });
});

describe('attachSteps()', () => {
  const requests = (): readonly unknown[] => sys.argsOf('rtnetlink').map(([request]) => request);

  test.each([
    ['moves one that is there', { name: 'eth0' }, [encodeLinkMove('eth0', 7)]],
    [
      'makes one where it is to be',
      { name: 'd0', add: 'dummy' },
      [encodeLinkAdd({ name: 'd0', kind: 'dummy', nsPid: 7 })],
    ],
    [
      'makes one in the root and moves it',
      { name: 'wg0', add: 'wireguard', createInRoot: true },
      [encodeLinkAdd({ name: 'wg0', kind: 'wireguard' }), encodeLinkMove('wg0', 7)],
    ],
    [
      'leaves the other end of a veth outside',
      { name: 'in', peer: 'out' },
      [encodeLinkAdd({ name: 'in', kind: 'veth', peer: 'out' }), encodeLinkMove('in', 7)],
    ],
  ])('%s', (_, link, expected) => {
    attachSteps(sys, { interfaces: [link] }, 7);
    expect(requests()).toEqual(expected);
  });

  test('binds namespaces in place of those of an earlier run', () => {
    const path = join(dir, 'ns/net');
    attachSteps(sys, { bindNS: { net: path } }, 7);
    attachSteps(sys, { bindNS: { net: path } }, 8);
    expect(sys.argsOf('umount')).toEqual([
      [path, MNT_DETACH],
      [path, MNT_DETACH],
    ]);
    expect(sys.argsOf('mount')).toEqual([
      ['/proc/7/ns/net', path, '', MS_BIND, ''],
      ['/proc/8/ns/net', path, '', MS_BIND, ''],
    ]);
    expect(statSync(path).isFile()).toBe(true);
  });

  test('does not mind that nothing was bound before', () => {
    sys.failNext('umount', 'EINVAL');
    attachSteps(sys, { bindNS: { uts: join(dir, 'uts') } }, 7);
    expect(sys.argsOf('mount')).toHaveLength(1);
  });

  test('says which interface could not be had', () => {
    sys.failNext('rtnetlink', 'ENODEV');
    expect(failureOf(() => attachSteps(sys, { interfaces: [{ name: 'eth9' }] }, 7))).toMatchObject({
      code: 'interface',
      target: 'eth9',
      message: expect.stringContaining('ENODEV') as string,
    });
  });
});

test('moduleAliases() names what the kernel would ask modprobe for', () => {
  const mount = (
    type: string,
  ): { type: string; source: string; destination: string; options: [] } => ({
    type,
    source: 'x',
    destination: '/x',
    options: [],
  });
  expect(moduleAliases(containerSpec())).toEqual([]);
  expect(
    moduleAliases(
      containerSpec({
        mounts: [mount('xfs'), mount('bind')],
        runtime: {
          mounts: [mount('xfs'), mount('ext4')],
          interfaces: [{ name: 'a' }, { name: 'b', add: 'dummy' }, { name: 'c', peer: 'd' }],
        },
      }),
    ),
  ).toEqual(['fs-xfs', 'fs-ext4', 'rtnl-link-dummy', 'rtnl-link-veth']);
});
