import { describe, expect, it } from 'vitest';
import type { LinuxkitError } from '../../../../supervisor/linuxkit/linuxkit-error.ts';
import { containerOf, parseConfig } from '../../../../supervisor/linuxkit/read-config.ts';

const PATH = '/containers/services/x/config.json';
const WHOLE = {
  process: { args: ['x'], cwd: '/' },
  root: { path: 'rootfs' },
  linux: {},
};

function read(config: unknown): ReturnType<typeof containerOf> {
  const known = { name: 'x', image: '/containers/services/x', rootfs: '/lower' };
  return containerOf(parseConfig(JSON.stringify(config), PATH), known, PATH);
}

describe('parseConfig()', () => {
  it.each([
    ['', 'is not JSON'],
    ['[]', 'is no object'],
    ['{}', 'has no process'],
    [JSON.stringify({ ...WHOLE, root: 'rootfs' }), 'has no root'],
    [JSON.stringify({ ...WHOLE, linux: undefined }), 'has no linux'],
    [JSON.stringify({ ...WHOLE, process: { args: [] } }), 'nothing to run'],
    [JSON.stringify({ ...WHOLE, process: { args: [1] } }), 'the args'],
    [JSON.stringify({ ...WHOLE, mounts: [{}] }), 'mounts'],
  ])('refuses %s', (text, message) => {
    expect(() => parseConfig(text, PATH)).toThrow(
      expect.objectContaining({
        name: 'LinuxkitError',
        code: 'config-malformed' satisfies LinuxkitError['code'],
        message: expect.stringContaining(`${PATH}: `) as string,
      }),
    );
    expect(() => parseConfig(text, PATH)).toThrow(message);
  });
});

describe('containerOf()', () => {
  it('says what the supervisor asks for', () => {
    const config = {
      ...WHOLE,
      process: {
        args: ['x', 'y'],
        env: ['A=1'],
        cwd: '/tmp',
        user: { uid: 1, gid: 2, additionalGids: [3] },
        capabilities: { bounding: ['CAP_CHOWN'] },
        noNewPrivileges: true,
      },
      root: { path: 'rootfs', readonly: true },
      mounts: [
        { destination: '/proc', type: 'proc', source: 'proc' },
        { destination: '/a', type: 'bind', source: '/var/a', options: ['rw'] },
        { destination: '/b', source: '/var/b', options: ['rbind', 'ro'] },
      ],
      linux: {
        namespaces: [{ type: 'network', path: '/run/netns/x' }, { type: 'pid' }, { type: 'uts' }],
        uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
      },
      annotations: { 'ishmael.restart': 'no' },
    };
    expect(read(config)).toMatchObject({
      args: ['x', 'y'],
      env: ['A=1'],
      cwd: '/tmp',
      user: { uid: 1, gid: 2, additionalGids: [3] },
      capabilities: ['CAP_CHOWN'],
      noNewPrivileges: true,
      readonly: true,
      binds: [
        { source: '/var/a', destination: '/a', options: ['rw'] },
        { source: '/var/b', destination: '/b', options: ['rbind', 'ro'] },
      ],
      namespaces: { net: { path: '/run/netns/x' }, pid: 'new', uts: 'new', ipc: 'host' },
      uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
      annotations: { 'ishmael.restart': 'no' },
    });
  });

  it('makes do with as little as there is', () => {
    expect(read(WHOLE)).toMatchObject({
      env: [],
      user: { uid: 0, gid: 0, additionalGids: [] },
      readonly: false,
      binds: [],
      namespaces: { net: 'host', pid: 'host' },
    });
    expect(read(WHOLE)).not.toHaveProperty('terminal');
    expect(read(WHOLE)).not.toHaveProperty('cgroupsPath');
  });

  it('takes a cgroup from the top of the tree', () => {
    const wanted = (cgroupsPath: string): string | undefined =>
      read({ ...WHOLE, linux: { cgroupsPath } }).cgroupsPath;
    expect(wanted('mine/x')).toBe('/mine/x');
    expect(wanted('/mine/x')).toBe('/mine/x');
    expect(wanted('')).toBeUndefined();
  });
});
