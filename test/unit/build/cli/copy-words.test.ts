import { expect, it } from 'vitest';
import { UsageError } from '../../../../build/cli/cli-error.ts';
import { copyWords } from '../../../../build/cli/machines/copy-words.ts';

it.each([
  [
    'web:/srv/a b',
    '.',
    { direction: 'from', service: 'web', guestPath: '/srv/a b', hostPath: '.' },
  ],
  ['web:/', '-', { direction: 'from', service: 'web', guestPath: '/', hostPath: '-' }],
  ['./a:b', 'web:/a:b', { direction: 'to', service: 'web', guestPath: '/a:b', hostPath: './a:b' }],
  ['/x:y', 'web:/x', { direction: 'to', service: 'web', guestPath: '/x', hostPath: '/x:y' }],
])('copyWords() understands %j %j', (source, target, words) => {
  expect(copyWords(source, target)).toEqual(words);
});

it.each([
  ['a', 'b', 'SERVICE:PATH'],
  ['web:/a', 'db:/a', 'on this machine'],
  ['web:a', 'b', 'absolute'],
  ['web:', 'b', 'absolute'],
  ['', 'web:/a', 'empty'],
])('copyWords() refuses %j %j: %s', (source, target, why) => {
  expect(() => copyWords(source, target)).toThrow(UsageError);
  expect(() => copyWords(source, target)).toThrow(why);
});
