import { describe, expect, test } from 'vitest';

import { compileManifest } from '../../../../build/config/compile-manifest.ts';
import { findAccount } from '../../../../build/config/image-user.ts';
import type { ImageConfig } from '../../../../build/image/image-store.ts';
import { generateSpec } from '../../../../runc-shim/oci/generate.ts';
import type { ContainerSpec } from '../../../../runc-shim/oci/container-spec.ts';
import type { Service } from '../../../../supervisor/manifest.ts';
import { expectGolden } from '../../../support/golden.ts';
import { byReference, image, validConfig } from './fixtures.ts';

const ACCOUNT = { uid: 999, gid: 998, additionalGids: [5] };

interface Terms {
  readonly defaults?: 'hardened' | 'linuxkit';
  readonly image?: Partial<ImageConfig>;
}

/** A service with these keys, as the guest gets it. */
function settle(keys: string, { defaults, image: config }: Terms = {}): Service {
  const head = `kernel: {image: k}\n${defaults === undefined ? '' : `defaults: ${defaults}\n`}`;
  const parsed = validConfig(`${head}services: [{name: a, image: i, ${keys}}]`);
  const images = byReference(image('i', { cmd: ['/x'], ...config }));
  const accounts = new Map(config?.user === undefined ? [] : [['i', ACCOUNT]]);
  const [service] = compileManifest(parsed.config, images, 'm', accounts).services;
  if (service === undefined) throw new Error('No service');
  return service;
}

function labelled(label: object): Terms {
  const labels = { 'org.mobyproject.config': JSON.stringify(label) };
  return { defaults: 'linuxkit', image: { labels } };
}

const bound = ({ binds }: ContainerSpec): readonly string[] =>
  binds.map(({ source, destination }) => `${source}:${destination}`);

describe("the image's label", () => {
  const label = {
    capabilities: ['CAP_KILL'],
    binds: ['/a:/a'],
    net: 'new',
    readonly: true,
    command: ['/label'],
    sysctl: { 'net.ipv4.ip_forward': '1' },
  };

  test('counts where the file says nothing', () => {
    expect(settle('', labelled(label))).toMatchObject({
      args: ['/label'],
      capabilities: ['CAP_KILL'],
      namespaces: { net: 'new' },
      readonly: true,
      sysctl: { 'net.ipv4.ip_forward': '1' },
    });
  });

  test('is replaced by what the file says', () => {
    const keys =
      'capabilities: [CAP_CHOWN], binds: ["/b:/b"], net: host, readonly: false, command: [/y]';
    const service = settle(keys, labelled(label));
    expect(service).toMatchObject({
      args: ['/y'],
      capabilities: ['CAP_CHOWN'],
      namespaces: { net: 'host' },
      readonly: false,
    });
    expect(bound(service)).toEqual(['/b:/b']);
  });

  test('is added to by .add, each capability once', () => {
    const keys = 'capabilities.add: [CAP_CHOWN, CAP_KILL], binds.add: ["/b:/b"]';
    const service = settle(keys, labelled(label));
    expect(service.capabilities).toEqual(['CAP_KILL', 'CAP_CHOWN']);
    expect(bound(service)).toEqual(['/a:/a', '/b:/b']);
  });

  test('is out of the way with .add alone', () => {
    expect(settle('capabilities.add: [CAP_CHOWN]').capabilities).toEqual(['CAP_CHOWN']);
  });

  test("has a runtime whose keys the file's replace, namespaces one by one", () => {
    const runtime = { mkdir: ['/label'], cgroups: ['label'], bindNS: { net: '/l', uts: '/l' } };
    const keys = 'runtime: {mkdir: [/file], bindNS: {net: /f}}';
    expect(settle(keys, labelled({ runtime })).runtime).toEqual({
      mkdir: ['/file'],
      cgroups: ['label'],
      bindNS: { net: '/f', uts: '/l' },
    });
  });

  test('and .add count for nothing beside the list itself, as in LinuxKit', () => {
    const keys = 'binds: ["/c:/c"], binds.add: ["/b:/b"]';
    expect(bound(settle(keys, labelled(label)))).toEqual(['/c:/c']);
  });
});

describe('defaults: hardened', () => {
  test('are those of a file that says nothing', () => {
    expect(settle('')).toEqual(settle('', { defaults: 'hardened' }));
    expect(settle('')).toMatchObject({
      noNewPrivileges: true,
      seccomp: 'default',
      writableSize: '25%',
    });
    expect(settle('').maskedPaths).toContain('/proc/kcore');
    expect(settle('').readonlyPaths).toContain('/proc/sys');
    expect(settle('')).not.toHaveProperty('defaults');
  });

  test('count less than what the file says', () => {
    const keys =
      'noNewPrivileges: false, seccomp: unconfined, maskedPaths: [], readonlyPaths: [/a], writableSize: 1G';
    const service = settle(keys);
    expect(service).toMatchObject({
      noNewPrivileges: false,
      readonlyPaths: ['/a'],
      writableSize: '1G',
    });
    expect(service).not.toHaveProperty('seccomp');
    expect(service).not.toHaveProperty('maskedPaths');
  });

  test('leave the sysctls of the network to who has CAP_NET_ADMIN', () => {
    const { readonlyPaths } = settle('capabilities: [CAP_NET_ADMIN]');
    expect(readonlyPaths).not.toContain('/proc/sys');
    expect(readonlyPaths).toContain('/proc/sys/kernel');
    expect(readonlyPaths).not.toContain('/proc/sys/net');
  });

  test('hide nothing from who can undo it', () => {
    const service = settle('capabilities: [CAP_SYS_ADMIN]');
    expect(service).not.toHaveProperty('maskedPaths');
    expect(service).not.toHaveProperty('readonlyPaths');
    expect(service.seccomp).toBe('default');
  });

  test('give a tmpfs a size unless it has one', () => {
    expect(settle('tmpfs: [/a, "/b:size=1m,mode=1777", "/c:ro"]').tmpfs).toEqual([
      { destination: '/a', options: ['size=25%'] },
      { destination: '/b', options: ['size=1m', 'mode=1777'] },
      { destination: '/c', options: ['ro', 'size=25%'] },
    ]);
  });

  test("run as the image's user, unless the file names one", () => {
    const terms = { image: { user: 'redis' } };
    expect(settle('', terms).user).toEqual({ uid: 999, gid: 998, additionalGids: [5] });
    expect(settle('uid: 7', terms).user).toEqual({ uid: 7, gid: 0, additionalGids: [] });
    expect(settle('gid: 7', terms).user).toEqual({ uid: 999, gid: 7, additionalGids: [5] });
    expect(settle('additionalGids: [8]', terms).user.additionalGids).toEqual([8]);
  });

  test("keep the image's volumes writable in a read-only container", () => {
    const terms = { image: { volumes: ['/data', '/logs'] } };
    expect(settle('readonly: true, binds: ["/var/log:/logs"]', terms).tmpfs).toEqual([
      { destination: '/data', options: ['nodev', 'tmpcopyup', 'size=25%'] },
    ]);
    expect(settle('', terms).tmpfs).toEqual([]);
  });

  test("check health as the image's HEALTHCHECK does, unless the file has another word", () => {
    const healthcheck = { test: ['CMD-SHELL', 'ping || exit 1'], intervalMs: 5_000, retries: 0 };
    const terms = { image: { healthcheck } };
    expect(settle('', terms).policy.health).toMatchObject({
      probe: { kind: 'exec', args: ['/bin/sh', '-c', 'ping || exit 1'] },
      intervalMs: 5_000,
      timeoutMs: 30_000,
      retries: 3,
    });
    expect(settle('healthcheck: {tcp: 1}', terms).policy.health?.probe.kind).toBe('tcp');
    expect(settle('healthcheck: {disable: true}', terms).policy).not.toHaveProperty('health');
    const none = { image: { healthcheck: { test: ['NONE'] } } };
    expect(settle('', none).policy).not.toHaveProperty('health');
    const words = { image: { healthcheck: { test: ['CMD', 'a', 'b'] } } };
    expect(settle('', words).policy.health?.probe).toEqual({ kind: 'exec', args: ['a', 'b'] });
  });
});

describe('defaults: linuxkit', () => {
  test('read nothing of an image that LinuxKit does not read', () => {
    const terms: Terms = {
      defaults: 'linuxkit',
      image: { user: 'redis', volumes: ['/data'], healthcheck: { test: ['CMD', '/ok'] } },
    };
    const service = settle('readonly: true', terms);
    expect(service.user).toEqual({ uid: 0, gid: 0, additionalGids: [] });
    expect(service.tmpfs).toEqual([]);
    expect(service.policy).not.toHaveProperty('health');
  });

  test('give the OCI spec that LinuxKit gives', () => {
    const keys = `
      command: [/bin/app, --x], env: [A=1], cwd: /srv, hostname: h, uts: new, pid: host,
      capabilities: [CAP_NET_RAW, CAP_KILL], ambient: [CAP_CHOWN],
      binds: ["/etc:/etc:ro", "/var:/var"], tmpfs: [/tmp],
      mounts: [{type: mqueue}], readonly: true, noNewPrivileges: true, oomScoreAdj: 5,
      devices: [{path: all, type: b}, {path: /dev/kvm, type: c, major: 10, minor: 232, mode: "0666"}],
      rlimits: ["nofile,1,2"], maskedPaths: [/proc/kcore], readonlyPaths: [/proc/sys],
      annotations: {a: b}, rootfsPropagation: shared, uid: 5, gid: 6, additionalGids: [7]`;
    const spec = generateSpec(settle(keys, { defaults: 'linuxkit' }), {
      cgroupsPath: '/services/a',
    });
    expectGolden('config/linuxkit.golden', `${JSON.stringify(spec, null, 2)}\n`);
  });
});

test('devices: a class may be used, a node is made', () => {
  const service = settle(
    'devices: [{path: all, type: b}, {path: /dev/kvm, type: c, major: 10, minor: 232, mode: "0600"}]',
  );
  expect(service.resources?.devices).toEqual([{ allow: true, type: 'b', access: 'rwm' }]);
  expect(service.devices?.map(({ path }) => path)).toEqual(['/dev/kvm']);
});

test('mounts at the destination of a bind or tmpfs replace it', () => {
  const service = settle(
    'binds: ["/a:/x"], tmpfs: [/y], mounts: [{type: tmpfs, destination: /x}, {type: tmpfs, destination: /y}]',
  );
  expect(service.binds).toEqual([]);
  expect(service.tmpfs).toEqual([]);
  expect(service.mounts?.map(({ destination }) => destination)).toEqual(['/x', '/y']);
});

describe('findAccount()', () => {
  const files = {
    passwd: 'root:x:0:0::/:/bin/sh\nredis:x:999:998::/:/bin/sh\n# nobody\n',
    group: 'root:x:0:\nredis:x:998:\ntty:x:5:redis,other\nkvm:x:36:other\n',
  };

  test.each([
    ['redis', { uid: 999, gid: 998, additionalGids: [5] }],
    ['999', { uid: 999, gid: 998, additionalGids: [5] }],
    ['1234', { uid: 1234, gid: 0, additionalGids: [] }],
    ['redis:tty', { uid: 999, gid: 5, additionalGids: [] }],
    ['redis:77', { uid: 999, gid: 77, additionalGids: [] }],
    ['12:', { uid: 12, gid: 0, additionalGids: [] }],
    ['nemo', { unknown: 'nemo' }],
    ['redis:nemo', { unknown: 'nemo' }],
  ])('knows %s', (user, expected) => {
    expect(findAccount(user, files)).toEqual(expected);
  });
});

test('a terminal is there only for who has asked for one', () => {
  expect(settle('terminal: true')).toMatchObject({ terminal: true });
  for (const keys of ['', 'terminal: false']) expect(settle(keys)).not.toHaveProperty('terminal');
});
