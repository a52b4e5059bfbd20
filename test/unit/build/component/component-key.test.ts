import { describe, expect, test } from 'vitest';
import { imageKey, layerKey, type LayerInputs } from '../../../../build/component/component-key.ts';
import type { Recipe } from '../../../../build/component/recipe.ts';

const recipe: Recipe = {
  name: 'test',
  packages: ['a'],
  assume: ['b'],
  keep: ['usr/bin/a'],
  add: [{ type: 'file', path: 'x', source: 'x.txt' }],
  config: { entrypoint: ['a'], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};

const inputs: LayerInputs = {
  recipe,
  sources: new Map([['x.txt', Buffer.from('1')]]),
  packages: ['a=1.0'],
};

describe('layerKey()', () => {
  test('is the same for the same inputs', () => {
    expect(layerKey(structuredClone(inputs))).toBe(layerKey(inputs));
  });

  test.each<[string, LayerInputs]>([
    ['a package version', { ...inputs, packages: ['a=1.1'] }],
    ['a file beside the recipe', { ...inputs, sources: new Map([['x.txt', Buffer.from('2')]]) }],
    ['what is kept', { ...inputs, recipe: { ...recipe, keep: ['usr/bin/*'] } }],
    ['what is added', { ...inputs, recipe: { ...recipe, add: [] } }],
    ['the module choice', { ...inputs, recipe: { ...recipe, kernelModules: ['overlay'] } }],
  ])('changes with %s', (_what, changed) => {
    expect(layerKey(changed)).not.toBe(layerKey(inputs));
  });

  test('does not change with the config: the layer has none of it', () => {
    const changed = { ...recipe, config: { ...recipe.config, cmd: ['--help'] } };
    expect(layerKey({ ...inputs, recipe: changed })).toBe(layerKey(inputs));
  });
});

describe('imageKey()', () => {
  test('changes with the layer, the config and the program', () => {
    const keys = [
      imageKey('l', recipe.config, undefined),
      imageKey('m', recipe.config, undefined),
      imageKey('l', { ...recipe.config, cmd: ['x'] }, undefined),
      imageKey('l', recipe.config, 'digest'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
