import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BindMount } from '../../../../runc-shim/oci/container-spec.ts';
import { planMounts } from '../../../../runc-shim/oci/mounts.ts';
import { containerSpec } from '../../../support/container-specs.ts';

function bind(source: string, destination: string): BindMount {
  return { source, destination, options: ['rbind'] };
}

describe('planMounts()', () => {
  test('puts every mount after the mounts it lies in', () => {
    const part = constantFrom('a', 'b', 'a-b', 'dev', 'sys', 'fs', 'shm', '.x', 'A');
    const path = array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
    assert(
      property(array(path), (destinations) => {
        const binds = destinations.map((destination) => bind('/source', destination));
        const order = planMounts(containerSpec({ binds })).map(({ destination }) => destination);
        order.forEach((child, index) => {
          expect(order.slice(index + 1).filter((later) => child.startsWith(`${later}/`))).toEqual(
            [],
          );
        });
        expect(new Set(order).size).toBe(order.length);
      }),
    );
  });

  test('replaces a default mount by a bind or tmpfs at its destination, slash or not', () => {
    const mounts = planMounts(
      containerSpec({
        binds: [bind('/dev', '/dev/')],
        tmpfs: [{ destination: '/sys', options: ['size=1m'] }],
      }),
    );
    expect(mounts.filter(({ destination }) => destination === '/dev')).toEqual([
      { destination: '/dev', type: 'bind', source: '/dev', options: ['rbind'] },
    ]);
    expect(mounts.filter(({ destination }) => destination === '/sys')).toEqual([
      { destination: '/sys', type: 'tmpfs', source: 'tmpfs', options: ['size=1m'] },
    ]);
  });

  test('keeps the last of several binds at one destination', () => {
    const mounts = planMounts(containerSpec({ binds: [bind('/a', '/x'), bind('/b', '/x')] }));
    expect(mounts.find(({ destination }) => destination === '/x')?.source).toBe('/b');
  });

  test.each([
    [false, ['/sys', '/sys/fs/cgroup']],
    [true, ['/dev', '/sys', '/sys/fs/cgroup']],
  ])('with readonly %s mounts read-only: %j', (readonly, expected) => {
    const mounts = planMounts(containerSpec({ readonly }));
    const readOnly = mounts.filter(({ options }) => options.includes('ro'));
    expect(readOnly.map(({ destination }) => destination)).toEqual(expected);
  });

  test('lets a mount of any kind replace binds, tmpfs and defaults at its destination', () => {
    const mount = { destination: '/dev/shm/', type: 'ext4', source: '/dev/vda', options: ['ro'] };
    const planned = planMounts(containerSpec({ binds: [bind('/a', '/dev/shm')], mounts: [mount] }));
    expect(planned.filter(({ destination }) => destination.startsWith('/dev/shm'))).toEqual([
      { ...mount, destination: '/dev/shm' },
    ]);
  });

  test("takes the message queues that come with the machine's /dev", () => {
    const at = (options: readonly string[], ...more: BindMount[]): string | undefined => {
      const dev = { source: '/dev', destination: '/dev', options };
      const planned = planMounts(containerSpec({ binds: [dev, ...more] }));
      return planned.find(({ destination }) => destination === '/dev/mqueue')?.type;
    };
    expect(at(['rbind'])).toBeUndefined();
    expect(at(['bind'])).toBe('mqueue');
    expect(at(['rbind'], bind('/queues', '/dev/mqueue'))).toBe('bind');
  });

  test('has what the kernel lets a user namespace of its own mount', () => {
    const { namespaces } = containerSpec();
    const at = (destination: string, own: Partial<typeof namespaces>): string | undefined =>
      planMounts(containerSpec({ namespaces: { ...namespaces, user: 'new', ...own } })).find(
        (mount) => mount.destination === destination,
      )?.type;
    expect(at('/sys', {})).toBe('bind');
    expect(at('/sys', { net: 'new' })).toBe('sysfs');
    expect(at('/dev/mqueue', {})).toBeUndefined();
    expect(at('/dev/mqueue', { ipc: 'new' })).toBe('mqueue');
    expect(at('/dev/shm', {})).toBe('tmpfs');
  });

  test.each([false, true])(
    'has the mounts of LinuxKit with its defaults, readonly %s',
    (readonly) => {
      const planned = planMounts(containerSpec({ defaults: 'linuxkit', readonly }));
      expect(planned.map(({ destination }) => destination)).toEqual([
        '/dev',
        '/dev/pts',
        '/proc',
        '/sys',
        '/sys/fs/cgroup',
      ]);
      const sys = planned.find(({ destination }) => destination === '/sys');
      expect(sys?.options).toEqual(['nosuid', 'noexec', 'nodev', ...(readonly ? ['ro'] : [])]);
    },
  );
});
