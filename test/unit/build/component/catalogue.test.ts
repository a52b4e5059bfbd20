import { describe, expect, test } from 'vitest';
import { findRecipe } from '../../../../build/component/catalogue.ts';

describe('findRecipe()', () => {
  test.each(['busybox', 'crun', 'dhcpcd', 'init', 'kernel', 'redis', 'runc'])('has %s', (name) => {
    expect(findRecipe(`ishmael/${name}`)?.name).toBe(name);
    expect(findRecipe(`ishmael/${name}:latest`)?.name).toBe(name);
  });

  test.each([
    'redis',
    'ishmael/redis:7',
    'ishmael/nothing',
    'other/redis',
    'ishmael/redis@sha256:0',
  ])('leaves %s to others', (reference) => {
    expect(findRecipe(reference)).toBeUndefined();
  });
});
