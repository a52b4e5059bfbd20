import { expect, it } from 'vitest';
import { CopyError } from '../../../../supervisor/copy/copy-error.ts';
import { entryPath } from '../../../../supervisor/copy/entry-path.ts';

it.each([
  ['data/a', undefined, ['data', 'a']],
  ['./data//a/', undefined, ['data', 'a']],
  ['/data/a', undefined, ['data', 'a']],
  ['.', undefined, []],
  ['data', 'copy', ['copy']],
  ['data/a', 'copy', ['copy', 'a']],
  ['.', 'copy', ['copy']],
  ['./a/b', 'copy', ['copy', 'a', 'b']],
])('entryPath() of %j, renamed to %j, is %j', (name, rename, path) => {
  expect(entryPath(name, rename)).toEqual(path);
});

it.each(['..', 'a/../b', 'a/..', '/../etc/passwd', 'a\0b'])('entryPath() refuses %j', (name) => {
  expect(() => entryPath(name)).toThrow(CopyError);
  expect(() => entryPath(name, 'copy')).toThrow(CopyError);
});
