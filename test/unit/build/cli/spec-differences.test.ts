import { expect, test } from 'vitest';
import { differences } from '../../../../build/cli/spec-differences.ts';

test.each([
  [{ a: 1 }, { a: 1 }, []],
  [{ a: { b: 1 } }, { a: { b: 2 } }, [{ path: 'a.b', left: 1, right: 2 }]],
  [{}, { a: [1] }, [{ path: 'a', left: undefined, right: [1] }]],
  [{ a: ['x', 'y'] }, { a: ['y', 'x'] }, []],
  [{ a: ['x', 'y'] }, { a: ['y', 'z'] }, [{ path: 'a', left: ['x'], right: ['z'] }]],
  [
    { m: [{ destination: '/a', options: ['ro'] }, { destination: '/b' }] },
    { m: [{ destination: '/a', options: [] }] },
    [
      { path: 'm[/a].options', left: ['ro'], right: [] },
      { path: 'm[/b]', left: { destination: '/b' }, right: undefined },
    ],
  ],
  [{ soft: 2n ** 64n }, { soft: 2n ** 64n }, []],
])('differences() of %o and %o', (left, right, expected) => {
  expect(differences(left, right)).toEqual(expected);
});
