import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Tree } from '../../../../build/rootfs/tree.ts';
import { isLinuxkitRoot, readLinuxkitRoot } from '../../../../init/linuxkit/read-root.ts';
import { bootScripts, endScripts } from '../../../../init/linuxkit/script-units.ts';
import { MANIFEST_VERSION, type Manifest } from '../../../../supervisor/manifest.ts';
import {
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_ONSHUTDOWN_POLICY,
  DEFAULT_SERVICE_POLICY,
} from '../../../../supervisor/service/policy.ts';
import { containerSpec } from '../../../support/container-specs.ts';
import { bundleTrees, textFile } from '../../../support/linuxkit-root.ts';

const linuxkit = { defaults: 'linuxkit' } as const;

const MACHINE: Manifest = {
  version: MANIFEST_VERSION,
  name: 'x',
  panicTimeout: 0,
  onboot: [
    {
      ...containerSpec({ name: 'format', image: 'a', ...linuxkit }),
      policy: DEFAULT_ONBOOT_POLICY,
    },
    {
      ...containerSpec({ name: 'format', image: 'a', readonly: true, ...linuxkit }),
      policy: DEFAULT_ONBOOT_POLICY,
    },
  ],
  services: [
    {
      ...containerSpec({
        name: 'redis',
        image: 'b',
        readonly: true,
        annotations: {
          'ishmael.dependsOn': 'format:completed',
          'ishmael.writableSize': '8m',
        },
        runtime: { mkdir: ['/var/x'], namespace: 'mine' },
        ...linuxkit,
      }),
      policy: DEFAULT_SERVICE_POLICY,
      preStart: [],
    },
  ],
  onshutdown: [
    {
      ...containerSpec({ name: 'bye', image: 'a', ...linuxkit }),
      policy: DEFAULT_ONSHUTDOWN_POLICY,
    },
  ],
};

let root: string;
let tree: Tree;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'linuxkit-root-'));
  const image: Tree = new Map([['bin/x', textFile('x', 0o755)]]);
  tree = bundleTrees(MACHINE, () => image);
  tree.set('containers/volumes/v/lower', { ...textFile(''), type: 'directory' });
  tree.set('containers/volumes/v/tmp', { ...textFile(''), type: 'directory' });
  tree.set('containers/volumes/fixed/lower', { ...textFile(''), type: 'directory' });
});

afterEach(() => rmSync(root, { recursive: true }));

function write(): void {
  for (const [path, node] of tree) {
    const target = join(root, path);
    if (node.type === 'directory') mkdirSync(target, { recursive: true });
    else mkdirSync(dirname(target), { recursive: true });
    if (node.type === 'file' && node.data.kind === 'bytes') writeFileSync(target, node.data.bytes);
    if (node.type === 'symlink') symlinkSync(node.target, target);
  }
}

describe('readLinuxkitRoot()', () => {
  it('finds what the builder has laid out', () => {
    expect(isLinuxkitRoot(root)).toBe(false);
    write();
    expect(isLinuxkitRoot(root)).toBe(true);
    const { from, onboot, services, onshutdown, volumes } = readLinuxkitRoot(root);
    expect(from).toBe('linuxkit');
    expect(onboot.map(({ name, rootfs, image }) => [name, rootfs, image])).toEqual([
      ['format', '/containers/onboot/000-format/lower', '/containers/onboot/000-format'],
      ['format', '/containers/onboot/000-format/lower', '/containers/onboot/001-format'],
    ]);
    expect(onboot.map(({ readonly }) => readonly)).toEqual([false, true]);
    expect(onshutdown.map(({ name, rootfs }) => [name, rootfs])).toEqual([
      ['bye', '/containers/onboot/000-format/lower'],
    ]);
    expect(services).toEqual([
      expect.objectContaining({
        name: 'redis',
        rootfs: '/containers/services/redis/rootfs',
        writableSize: '8m',
        runtime: expect.objectContaining({
          mkdir: ['/var/x'],
          mounts: [],
          namespace: 'mine',
        }) as unknown,
        preStart: [],
        policy: {
          ...DEFAULT_SERVICE_POLICY,
          dependsOn: [{ unit: '001-format', condition: 'completed', required: true }],
        },
      }),
    ]);
    expect(volumes).toEqual([
      { name: 'fixed', readonly: true },
      { name: 'v', readonly: false },
    ]);
    for (const { problem } of [...onboot, ...services, ...onshutdown])
      expect(problem).toBeUndefined();
  });

  it('has a problem for each bundle that cannot be run, and its place among the others', () => {
    tree.delete('containers/onboot/000-format/config.json');
    tree.set('containers/onboot/001-format/config.json', textFile('{'));
    tree.set('containers/services/redis/runtime.json', textFile('{"colour":1}'));
    for (const path of tree.keys())
      if (path.startsWith('containers/onboot/000-format/lower')) tree.delete(path);
    write();
    const { onboot, services, onshutdown } = readLinuxkitRoot(root);
    expect(onboot.map(({ name, problem }) => [name, problem])).toEqual([
      ['format', expect.stringMatching(/^config-missing: \/containers\/onboot\/000-format: half/)],
      [
        'format',
        expect.stringMatching(/^config-malformed: .*001-format\/config.json: is not JSON/),
      ],
    ]);
    expect(services[0]?.problem).toMatch(/^unknown-field: .*redis\/runtime.json: .*"colour"/);
    // Its image was in the directory of the first task.
    expect(onshutdown[0]?.problem).toMatch(/^root-missing: .*000-format\/lower/);
    expect(services[0]?.policy.restart).toEqual({ kind: 'no' });
  });

  it('loses one unit, and no other, to what is no file', () => {
    tree.set('containers/onboot/000-format/config.json', { ...textFile(''), type: 'directory' });
    tree.set('containers/services/redis/runtime.json', { ...textFile(''), type: 'directory' });
    write();
    rmSync(join(root, 'containers/volumes'), { recursive: true });
    writeFileSync(join(root, 'containers/volumes'), '');
    const { onboot, services, volumes } = readLinuxkitRoot(root);
    expect(onboot.map(({ problem }) => problem)).toEqual([
      expect.stringMatching(/^unreadable: \/containers\/onboot\/000-format: EISDIR/),
      undefined,
    ]);
    expect(services[0]?.problem).toMatch(/^unreadable: /);
    expect(volumes).toEqual([]);
  });

  it('runs a bundle without runtime.json, as LinuxKit does', () => {
    tree.delete('containers/services/redis/runtime.json');
    write();
    const [service] = readLinuxkitRoot(root).services;
    expect(service).toMatchObject({ rootfs: '/containers/services/redis/rootfs', runtime: {} });
    expect(service?.problem).toBeUndefined();
  });

  it('fails services that would wait for ever', () => {
    const services = [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'b'],
      ['d', 'nobody'],
    ].map(([name = '', dependsOn = '']) => ({
      ...containerSpec({ name, annotations: { 'ishmael.dependsOn': dependsOn }, ...linuxkit }),
      policy: DEFAULT_SERVICE_POLICY,
      preStart: [],
    }));
    tree = bundleTrees({ ...MACHINE, onboot: [], onshutdown: [], services }, () => new Map());
    write();
    expect(readLinuxkitRoot(root).services.map(({ name, problem }) => [name, problem])).toEqual([
      ['a', undefined],
      ['b', 'ishmael.dependsOn goes in a circle: b → c → b'],
      ['c', 'ishmael.dependsOn goes in a circle: c → b → c'],
      ['d', 'ishmael.dependsOn names "nobody", which there is not'],
    ]);
  });
});

it("bootScripts() and endScripts() tell programs from links to LinuxKit's service", () => {
  expect(bootScripts(root)).toEqual({ beforeOnboot: [], beforeServices: [], withServices: [] });
  mkdirSync(join(root, 'etc/init.d'), { recursive: true });
  mkdirSync(join(root, 'etc/shutdown.d'));
  const script = (path: string, mode: number): void =>
    writeFileSync(join(root, path), '', { mode });
  script('etc/init.d/002-logging', 0o755);
  script('etc/init.d/README', 0o644);
  script('etc/shutdown.d/020-after', 0o700);
  mkdirSync(join(root, 'etc/init.d/directory'));
  symlinkSync('/usr/bin/service', join(root, 'etc/init.d/010-onboot'));
  symlinkSync('/nowhere', join(root, 'etc/init.d/012-broken'));
  symlinkSync('002-logging', join(root, 'etc/init.d/015-again'));
  expect(bootScripts(root)).toEqual({
    beforeOnboot: ['002-logging'],
    beforeServices: ['015-again'],
    withServices: [],
  });
  expect(endScripts(root)).toEqual({ before: [], after: ['020-after'] });
});
