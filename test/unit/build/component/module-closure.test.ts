import { describe, expect, test } from 'vitest';
import { chooseModules, moduleName } from '../../../../build/component/module-closure.ts';
import { RecipeError } from '../../../../build/component/select.ts';

const available = new Map([
  ['virtio_rng', 'k/virtio-rng.ko.xz'],
  ['bridge', 'k/bridge.ko.xz'],
  ['stp', 'k/stp.ko.xz'],
]);
const builtin = new Set(['virtio_pci']);

describe('moduleName()', () => {
  test.each([
    ['kernel/drivers/virtio-rng.ko.xz', 'virtio_rng'],
    ['virtio-rng.ko', 'virtio_rng'],
    ['dm_mod', 'dm_mod'],
  ])('of %s is %s', (path, name) => {
    expect(moduleName(path)).toBe(name);
  });
});

describe('chooseModules()', () => {
  const none = { paths: new Set<string>(), ask: [] };

  test('asks about each module once', () => {
    const first = chooseModules(none, ['bridge', 'virtio-rng'], available, builtin);
    expect(first.ask).toEqual(['k/bridge.ko.xz', 'k/virtio-rng.ko.xz']);

    const second = chooseModules(first, ['stp', 'bridge', 'stp'], available, builtin);
    expect(second.ask).toEqual(['k/stp.ko.xz']);
    expect(second.paths.size).toBe(3);
  });

  test('needs no file for what is built into the kernel', () => {
    expect(chooseModules(none, ['virtio-pci'], available, builtin).paths.size).toBe(0);
  });

  test('rejects a name that the kernel does not know', () => {
    expect(() => chooseModules(none, ['virtio_nte'], available, builtin)).toThrow(RecipeError);
  });
});
