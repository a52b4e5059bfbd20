import { describe, expect, test } from 'vitest';
import { parseImageSource } from '../../../../build/image/image-source.ts';
import { problems, validConfig } from './fixtures.ts';

function image(text: string): string | undefined {
  return validConfig(`kernel: {image: k}\nservices: [{name: a, image: ${text}}]\n`).config
    .services[0]?.image;
}

describe('image', () => {
  test.each([
    ['redis:7', { kind: 'registry' }],
    ['{build: ./app dir}', { kind: 'dockerfile', context: './app dir' }],
    [
      '{build: {context: ., dockerfile: F, target: t, args: {V: "1 2"}}}',
      { kind: 'dockerfile', context: '.', file: 'F', target: 't', args: { V: '1 2' } },
    ],
  ])('may be %s', (text, source) => {
    expect(parseImageSource(image(text) ?? '')).toEqual(expect.objectContaining(source));
  });

  test.each([
    ['{biuld: .}', ['1:17 missing-key', '1:18 unknown-key build']],
    ['{build: {dockerfile: F}}', ['1:25 missing-key']],
    ['"a b"', ['1:17 invalid-value']],
    ['[a]', ['1:17 wrong-type']],
  ])('must not be %s', (text, expected) => {
    expect(problems(`kernel: {image: ${text}}\n`)).toEqual(expected);
  });
});
