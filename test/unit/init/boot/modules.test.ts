import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { coldplug } from '../../../../init/boot/steps/coldplug.ts';
import { createModuleLoader } from '../../../../init/boot/steps/modules.ts';
import { addedModalias } from '../../../../init/hotplug.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

let root: string;
let sys: FakeSys;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'modules-'));
  sys = new FakeSys();
  put('lib/modules/6.12/modules.alias', 'alias pci:* bus\nalias virtio:* net\n');
  put('lib/modules/6.12/modules.dep', 'k/bus.ko:\nk/net.ko: k/failover.ko\nk/failover.ko:\n');
  put('sys/bus/pci/devices/0000:00:01.0/modalias', 'pci:v1\n');
  mkdirSync(join(root, 'sys/bus/virtio/devices'), { recursive: true });
});

afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const loaded = (): string[] =>
  sys.argsOf('loadModule').map(([path]) => path.slice(`${root}/lib/modules/6.12/`.length));

it('coldplug() goes on until no new device appears', async () => {
  const modules = createModuleLoader(sys, root, '6.12');
  const original = sys.loadModule.bind(sys);
  // The bus driver is what makes the network card visible.
  sys.loadModule = (path, parameters) => {
    original(path, parameters);
    if (path.endsWith('bus.ko')) put('sys/bus/virtio/devices/virtio0/modalias', 'virtio:d1\n');
  };
  await coldplug(root, modules);
  expect(loaded()).toEqual(['k/bus.ko', 'k/failover.ko', 'k/net.ko']);
});

it('createModuleLoader() loads each module once and takes EEXIST and ENODEV as done', async () => {
  const modules = createModuleLoader(sys, root, '6.12');
  sys.failNext('loadModule', 'EEXIST');
  sys.failNext('loadModule', 'ENODEV', 2);
  await modules.loadFor('virtio:d1');
  await modules.loadFor('virtio:d2');
  expect(loaded()).toEqual(['k/failover.ko', 'k/net.ko']);
  expect(() => modules.checkFailures()).not.toThrow();
});

it('createModuleLoader() reports what the kernel refused, once', async () => {
  const modules = createModuleLoader(sys, root, '6.12');
  sys.failNext('loadModule', 'ENOEXEC');
  await modules.loadListed(['bus']);
  expect(() => modules.checkFailures()).toThrow(/ENOEXEC/);
  expect(() => modules.checkFailures()).not.toThrow();
});

it('createModuleLoader() says what a kernel wants that takes no more modules, and asks nothing for one that it has', async () => {
  const modules = createModuleLoader(sys, root, '6.12');
  put('sys/module/failover/initstate', 'live\n');
  sys.failNext('loadModule', 'EPERM');
  await modules.loadFor('virtio:d1');
  expect(loaded()).toEqual(['k/net.ko']);
  expect(() => modules.checkFailures()).toThrow(/EPERM.*hardening: \{modules: false\}/);
});

it('createModuleLoader() reads modules-load.d and passes over what is built in', async () => {
  put('etc/modules-load.d/x.conf', '# comment\nbus\n\n; another\nnot_here\n');
  await createModuleLoader(sys, root, '6.12').loadListed([]);
  expect(loaded()).toEqual(['k/bus.ko']);
});

it('a kernel without modules needs no index', async () => {
  rmSync(join(root, 'lib'), { recursive: true });
  await coldplug(root, createModuleLoader(sys, root, '6.12'));
  expect(loaded()).toEqual([]);
});

it.each([
  ['add@/devices/pci0\0ACTION=add\0MODALIAS=pci:v1\0SEQNUM=1', 'pci:v1'],
  ['remove@/devices/pci0\0ACTION=remove\0MODALIAS=pci:v1', undefined],
  ['add@/devices/virtual/x\0ACTION=add', undefined],
])('addedModalias() reads %j', (uevent, modalias) => {
  expect(addedModalias(uevent)).toBe(modalias);
});
