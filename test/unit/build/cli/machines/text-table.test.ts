import { expect, it } from 'vitest';
import { textTable } from '../../../../../build/cli/machines/text-table.ts';

it('textTable() makes columns as wide as their widest cell, without blanks at the end', () => {
  expect(
    textTable([
      ['NAME', 'X', ''],
      ['a', 'long', 'tail'],
    ]),
  ).toEqual(['NAME  X', 'a     long  tail']);
});
