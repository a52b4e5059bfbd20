import { expect, it } from 'vitest';
import { findRecipe } from '../../../../build/component/catalogue.ts';
import { forArch } from '../../../../build/component/for-arch.ts';
import type { Recipe } from '../../../../build/component/recipe.ts';

function recipe(name: string): Recipe {
  const found = findRecipe(`ishmael/${name}`);
  if (found === undefined) throw new Error(`No ${name}`);
  return found;
}

it('forArch() has the names of the architecture in the place of words', () => {
  expect(forArch(recipe('kernel'), 'arm64').packages).toEqual(['linux-image-cloud-arm64']);
  const { keep } = forArch(recipe('etcd'), 'arm64');
  expect(keep).toContain('usr/lib/aarch64-linux-gnu/libc.so.6');
  expect(keep.join(' ')).not.toContain('{');
});

it('forArch() adds what is of one architecture only', () => {
  const library = /\/libgcrypt\.so/;
  expect(forArch(recipe('rngd'), 'amd64').keep).toContainEqual(expect.stringMatching(library));
  expect(forArch(recipe('rngd'), 'arm64').keep.join(' ')).not.toMatch(library);
  expect(forArch(recipe('kernel'), 'amd64').kernelModules).toContain('i6300esb');
  expect(forArch(recipe('kernel'), 'arm64').kernelModules).not.toContain('i6300esb');
});
