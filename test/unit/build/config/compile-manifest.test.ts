import { DEFAULT_SERVICE_POLICY } from '../../../../supervisor/service/policy.ts';
import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { compileManifest, imageRootfsPath } from '../../../../build/config/compile-manifest.ts';
import type { ContainerSpec } from '../../../../runc-shim/oci/container-spec.ts';
import { type Manifest, parseManifest } from '../../../../supervisor/manifest.ts';
import { byReference, image, validConfig } from './fixtures.ts';

const IMAGE = image('i', {
  entrypoint: ['/entry'],
  cmd: ['--default'],
  env: ['PATH=/bin', 'A=1'],
  workingDir: '/data',
});

function service(keys: string, from = IMAGE): ContainerSpec | undefined {
  const text = `kernel: {image: k}\ndefaults: linuxkit\nservices: [{name: a, image: i, ${keys}}]`;
  const { config } = validConfig(text);
  return compileManifest(config, byReference(from), 'm').services[0];
}

test('imageRootfsPath() names an image by the first 16 digits of its digest', () => {
  expect(imageRootfsPath(IMAGE.digest)).toBe('/images/0123456789abcdef/rootfs');
});

test('compileManifest() fills a service in from its image', () => {
  expect(service('')).toEqual({
    name: 'a',
    image: 'i',
    rootfs: '/images/0123456789abcdef/rootfs',
    args: ['/entry', '--default'],
    env: ['PATH=/bin', 'A=1'],
    cwd: '/data',
    user: { uid: 0, gid: 0, additionalGids: [] },
    capabilities: [],
    ambient: [],
    noNewPrivileges: false,
    readonly: false,
    binds: [],
    tmpfs: [],
    namespaces: { net: 'host', ipc: 'host', uts: 'host', pid: 'new' },
    rlimits: [],
    defaults: 'linuxkit',
    policy: DEFAULT_SERVICE_POLICY,
    preStart: [],
  });
});

test('compileManifest() lets the YAML replace command, environment and directory as a whole', () => {
  expect(service('command: [/x], env: [B=2], cwd: /y')).toMatchObject({
    args: ['/x'],
    env: ['B=2'],
    cwd: '/y',
  });
  expect(service('env: []')?.env).toEqual([]);
});

test('compileManifest() starts in / when neither the YAML nor the image names a directory', () => {
  expect(service('', image('i', { cmd: ['/x'] }))?.cwd).toBe('/');
});

test('compileManifest() keeps one mount for a destination, a bind before a tmpfs', () => {
  const spec = service('binds: ["/a:/x", "/b:/x"], tmpfs: [/x, "/y:ro", "/y:rw"]');
  expect(spec?.binds.map(({ source }) => source)).toEqual(['/b']);
  expect(spec?.tmpfs).toEqual([{ destination: '/y', options: ['rw'] }]);
});

test('compileManifest() gives containers ids from 100 in order, the last of a repeated name', () => {
  const { config } = validConfig(`kernel: {image: k}
onboot: [{name: a, image: i}, {name: a, image: i}]
onshutdown: [{name: z, image: i, gid: s}]
services: [{name: s, image: i, uid: a, gid: s, additionalGids: [root, a, z, 7]}]
`);
  const { services, onshutdown } = compileManifest(config, byReference(IMAGE), 'm');
  expect(services[0]?.user).toEqual({ uid: 101, gid: 103, additionalGids: [0, 101, 102, 7] });
  expect(onshutdown[0]?.user).toEqual({ uid: 0, gid: 103, additionalGids: [] });
});

test('compileManifest() writes onshutdown tasks in their order, whose names may repeat', () => {
  const { config } = validConfig(`kernel: {image: k}
services: [{name: a, image: i}]
onshutdown: [{name: a, image: i, command: [/1]}, {name: a, image: i, command: [/2], net: new}]
`);
  const manifest = compileManifest(config, byReference(IMAGE), 'm');
  expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest);
  expect(manifest.onshutdown).toMatchObject([
    { name: 'a', args: ['/1'], env: ['PATH=/bin', 'A=1'], namespaces: { net: 'host' } },
    { name: 'a', args: ['/2'], namespaces: { net: 'new' } },
  ]);
});

test('compileManifest() writes what the guest reads', () => {
  const path = new URL('../../../../examples/redis.yml', import.meta.url);
  const { config } = validConfig(readFileSync(path, 'utf8'));
  const names = ['ishmael/dhcpcd', 'ishmael/redis'];
  const images = byReference(...names.map((name) => image(name, { cmd: ['/run'] })));
  const manifest = compileManifest(config, images, 'redis');
  expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest);
  expect(manifest).toMatchObject({ name: 'redis', version: 1, onboot: [] });
  expect(manifest.services.map(({ name, rootfs }) => [name, rootfs])).toEqual([
    ['dhcpcd', '/images/0123456789abcdef/rootfs'],
    ['redis', '/images/0123456789abcdef/rootfs'],
  ]);
});

test('compileManifest() refuses to compile what resolveImages() has reported', () => {
  const { config } = validConfig('kernel: {image: k}\nservices: [{name: a, image: i}]');
  expect(() => compileManifest(config, new Map(), 'm')).toThrow();
  expect(() => compileManifest(config, byReference(image('i')), 'm')).toThrow();
});

test('tells the guest how an update has to show that it is good', () => {
  const manifestOf = (keys: string): Manifest =>
    compileManifest(validConfig(`kernel: {image: k}\n${keys}`).config, byReference(), 'm');
  expect(manifestOf('').updates).toBeUndefined();
  expect(manifestOf('updates: {}').updates).toEqual({ goodAfterMs: 60_000, deadlineMs: 600_000 });
  expect(manifestOf('updates: {goodAfter: 5s, deadline: 2m}').updates).toEqual({
    goodAfterMs: 5_000,
    deadlineMs: 120_000,
  });
});
