import { describe, expect, it } from 'vitest';
import { parseRuntime } from '../../../../supervisor/linuxkit/read-runtime.ts';

const DIR = '/containers/onboot/001-x';

function parse(value: unknown): ReturnType<typeof parseRuntime> {
  return parseRuntime(JSON.stringify(value), DIR);
}

const SCRATCH = { destination: '/var/x', type: 'tmpfs', source: 'x', options: ['size=1m'] };

describe('parseRuntime()', () => {
  it('reads where a writable root comes from, and leaves the mounts of the user', () => {
    const { lower, writableSize, steps } = parse({
      mounts: [
        { destination: `${DIR}/tmp`, type: 'tmpfs', source: 'tmpfs' },
        { destination: `${DIR}/tmp`, options: ['remount', 'private'] },
        {
          destination: `${DIR}/rootfs`,
          type: 'overlay',
          source: 'overlay',
          options: ['lowerdir=/containers/onboot/000-a/lower', `upperdir=${DIR}/tmp/upper`],
        },
        SCRATCH,
        { destination: 'tmp', source: '/var/y', options: ['bind'] },
      ],
    });
    expect({ lower, writableSize }).toEqual({ lower: '/containers/onboot/000-a/lower' });
    expect(steps.mounts).toEqual([
      SCRATCH,
      { destination: 'tmp', type: 'bind', source: '/var/y', options: ['bind'] },
    ]);
  });

  it('reads where a read-only root comes from, and how large a tmpfs is to be', () => {
    const bind = { destination: `${DIR}/rootfs`, source: '/other/rootfs', options: ['bind'] };
    expect(parse({ mounts: [bind] }).lower).toBe('/other/rootfs');
    const tmp = { destination: `${DIR}/tmp`, type: 'tmpfs', source: 't', options: ['size=9m'] };
    expect(parse({ mounts: [tmp] })).toMatchObject({ writableSize: '9m', steps: { mounts: [] } });
  });

  it('reads everything else', () => {
    const interfaces = [
      { name: 'wg0', add: 'wireguard', createInRoot: true },
      { name: 'v0', add: '', peer: 'v1', createInRoot: false },
    ];
    const bindNS = { net: '/run/netns/x', mnt: '' };
    const { steps } = parse({
      cgroups: ['a'],
      mkdir: ['/b', 'c'],
      interfaces,
      bindNS,
      namespace: 'mine',
    });
    expect(steps).toEqual({
      mounts: [],
      cgroups: ['a'],
      mkdir: ['/b', 'c'],
      interfaces: [
        { name: 'wg0', add: 'wireguard', createInRoot: true },
        { name: 'v0', peer: 'v1' },
      ],
      bindNS: { net: '/run/netns/x' },
      namespace: 'mine',
    });
  });

  it("takes Go's null for nothing", () => {
    const { steps } = parse({ mounts: null, mkdir: null, bindNS: null, namespace: null });
    expect(steps).toMatchObject({ mounts: [], mkdir: [], bindNS: {} });
    expect(steps).not.toHaveProperty('namespace');
  });

  it.each([
    [{ colour: 1 }, 'unknown-field', '"colour"'],
    [{ mounts: [{ ...SCRATCH, colour: 1 }] }, 'unknown-field', 'a mount has'],
    [{ interfaces: [{ name: 'x', mtu: 1 }] }, 'unknown-field', '"mtu"'],
    [{ bindNS: { time: '/x' } }, 'unknown-field', '"time"'],
    [{ mkdir: [1] }, 'runtime-malformed', 'mkdir'],
    [{ mounts: [{ type: 'tmpfs' }] }, 'runtime-malformed', 'no destination'],
    [{ interfaces: [{}] }, 'runtime-malformed', 'no name'],
    [{ bindNS: 'x' }, 'runtime-malformed', 'bindNS'],
    [{ namespace: 1 }, 'runtime-malformed', 'namespace'],
    [[], 'runtime-malformed', 'no object'],
  ])('refuses %j', (value, code, message) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({ code }));
    expect(() => parse(value)).toThrow(message);
    expect(() => parse(value)).toThrow(`${DIR}/runtime.json: `);
  });
});
