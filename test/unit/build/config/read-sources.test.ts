import { assert, array, constantFrom, dictionary, jsonValue, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { mergeSources } from '../../../../build/config/merge-sources.ts';
import { checkConfig } from '../../../../build/config/parse-config.ts';
import {
  type ConfigSources,
  readSources,
  renderMerged,
} from '../../../../build/config/read-sources.ts';
import { readYaml } from '../../../../build/config/read-yaml.ts';

type Files = Readonly<Record<string, string>>;

function read(
  files: Files,
  variables: Readonly<Record<string, string>> = {},
  names: readonly string[] = [Object.keys(files)[0] ?? ''],
): Promise<ConfigSources> {
  return readSources({
    files: names,
    read: async (file) => Promise.resolve(files[file]),
    variables: { get: (name) => variables[name], names: Object.keys(variables) },
  });
}

/** `file:line:col code` of everything that is wrong. */
async function problems(...args: Parameters<typeof read>): Promise<readonly string[]> {
  const sources = await read(...args);
  return checkConfig(sources).diagnostics.map(
    ({ file, line, col, code }) => `${file}:${line}:${col} ${code}`,
  );
}

describe('several files', () => {
  const files = {
    'a.yml': `kernel: {image: k, cmdline: one}
init: [a]
panic: halt
services:
  - {name: s, image: i}
volumes: [{name: v}]
`,
    'b.yml': `kernel: {cmdline: two}
init: [b]
panic: reboot
services:
  - {name: t, image: i}
volumes: [{name: w}]
`,
  };

  test('override the kernel by fields, append lists and replace anything else', async () => {
    expect((await read(files, {}, ['a.yml', 'b.yml'])).value).toEqual({
      kernel: { image: 'k', cmdline: 'two' },
      init: ['a', 'b'],
      panic: 'reboot',
      services: [
        { name: 's', image: 'i' },
        { name: 't', image: 'i' },
      ],
      // LinuxKit forgets the volumes of the first file.
      volumes: [{ name: 'v' }, { name: 'w' }],
    });
  });

  test('have their problems told in the file where they are', async () => {
    const broken = {
      'a.yml': 'kernel: {image: k, cmdline: 5}\nservices:\n  - {name: s, image: i, nett: new}\n',
      'b.yml':
        'kernel: {imagee: k}\nservices:\n  - {name: s, image: i}\n  - {name: t, image: i, cwd: x}\n',
      'c.yml': 'panic: maybe\ninit: {}\n',
    };
    expect(await problems(broken, {}, ['a.yml', 'b.yml', 'c.yml'])).toEqual([
      'a.yml:1:29 wrong-type',
      'a.yml:3:25 unknown-key',
      'b.yml:1:10 unknown-key',
      'b.yml:3:12 duplicate-name',
      'b.yml:4:30 invalid-value',
      'c.yml:1:8 unknown-value',
      'c.yml:2:7 wrong-type',
    ]);
  });

  test('of which one is no map are an error', async () => {
    expect(
      await problems({ 'a.yml': 'kernel: {image: k}\n', 'b.yml': '- x\n' }, {}, ['a.yml', 'b.yml']),
    ).toEqual(['b.yml:1:1 wrong-type']);
  });

  test('may be a file that is not there', async () => {
    expect((await read({ a: 'kernel: {image: k}' }, {}, ['a', 'b'])).missing).toEqual(['b']);
  });

  test('merge alike however they are grouped', () => {
    const lists = record(
      { init: array(constantFrom('a', 'b')), files: array(constantFrom('c')) },
      { requiredKeys: [] },
    );
    const places = readYaml('x', 'a: 1').places;
    assert(
      property(lists, lists, lists, (a, b, c) => {
        const merge = (...values: unknown[]): unknown =>
          mergeSources(values.map((value) => ({ value, places }))).value;
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(merge(a, b, c)).toEqual(merge(merge(a, b), c));
      }),
    );
  });
});

describe('include:', () => {
  test('puts files in front of the one that includes them, beside which they lie', async () => {
    const sources = await read({
      'dir/main.yml':
        'include: [./base.yml, sub/more.yml]\nkernel: {cmdline: main}\ninit: [main]\n',
      'dir/base.yml': 'kernel: {image: k, cmdline: base}\ninit: [base]\n',
      'dir/sub/more.yml': 'include: [last.yml]\ninit: [more]\n',
      'dir/sub/last.yml': 'init: [last]\n',
    });
    expect(sources.value).toEqual({
      kernel: { image: 'k', cmdline: 'main' },
      init: ['base', 'last', 'more', 'main'],
    });
    expect(checkConfig(sources).diagnostics).toEqual([]);
    expect([...sources.texts.keys()]).toContain('dir/sub/last.yml');
  });

  test('of a file of the web names files of the web, beside it or elsewhere', async () => {
    const main = 'https://example.org/dir/main.yml?raw=1';
    const sources = await read({
      [main]: 'include: [./base.yml, /root.yml, http://other.example/x.yml]\ninit: [main]\n',
      'https://example.org/dir/base.yml': 'init: [base]\n',
      'https://example.org/root.yml': 'init: [root]\n',
      'http://other.example/x.yml': 'init: [other]\n',
      '/root.yml': 'init: [ours]\n',
    });
    expect(sources.value).toEqual({ init: ['base', 'root', 'other', 'main'] });
    const ours = {
      a: 'include: [https://example.org/b]\n',
      'https://example.org/b': 'init: [b]\n',
    };
    expect((await read(ours)).value).toEqual({ init: ['b'] });
  });

  test.each([
    [
      'a file that is not there',
      { a: 'kernel: {image: k}\ninclude: [b]\n' },
      ['a:2:11 bad-include'],
    ],
    ['itself', { a: 'kernel: {image: k}\ninclude: [a]\n' }, ['a:2:11 bad-include']],
    [
      'itself over another',
      { a: 'kernel: {image: k}\ninclude: [b]\n', b: 'include: [./a]\n' },
      ['b:1:11 bad-include'],
    ],
    ['no list', { a: 'kernel: {image: k}\ninclude: b\n' }, ['a:2:10 wrong-type']],
    ['no names', { a: 'kernel: {image: k}\ninclude: [5]\n' }, ['a:2:11 wrong-type']],
    ['what is no YAML', { a: 'include: [b]\n', b: 'x: [\n' }, ['b:1:5 yaml-syntax']],
  ])('places %s', async (_, files: Files, expected) => {
    expect(await problems(files)).toEqual(expected);
  });
});

describe('variables', () => {
  async function value(
    text: string,
    variables: Readonly<Record<string, string>>,
  ): Promise<unknown> {
    return (await read({ a: text }, variables)).value;
  }

  test.each([
    ['a: ${X}', { a: 'x y' }],
    ['a: "<${X}> ${X}"', { a: '<x y> x y' }],
    ["a: '${N}'", { a: '8' }],
    ['a: ${N}', { a: 8 }],
    ['a: ${N}0', { a: 80 }],
    ['a: ${T}', { a: true }],
    ['a: ${U:-dflt}', { a: 'dflt' }],
    ['a: ${U:-7}', { a: 7 }],
    ['a: ${E:-dflt}', { a: 'dflt' }],
    ['a: ${E}', { a: '' }],
    ['a: ${X:-dflt}', { a: 'x y' }],
    ['a: $${X}', { a: '${X}' }],
    ['a: "$$ $X ${X%y} ${#X}"', { a: '$$ $X ${X%y} ${#X}' }],
    ['a: |\n  one ${N}\n  two\n', { a: 'one 8\ntwo\n' }],
    ['a: &x ${N}\nb: *x', { a: 8, b: 8 }],
    ['"${X}": 1', { '${X}': 1 }],
    // A value never becomes structure.
    ['a: ${M}', { a: '{b: c}' }],
    ['a: ${L}', { a: '- x' }],
  ])('%s', async (text, expected) => {
    const variables = { X: 'x y', N: '8', T: 'true', E: '', M: '{b: c}', L: '- x' };
    expect(await value(text, variables)).toEqual(expected);
  });

  test('that are not set are told, with what was meant', async () => {
    const { diagnostics } = await read({ a: 'b: ok\nc: x${VERSON}\n' }, { VERSION: '1' });
    expect(diagnostics).toMatchObject([
      { file: 'a', line: 2, col: 4, code: 'unset-variable', suggestion: 'VERSION' },
    ]);
  });

  test('work in included files', async () => {
    const files = { a: 'include: ["${B}"]\n', b: 'c: ${B}\n' };
    expect((await read(files, { B: 'b' })).value).toEqual({ c: 'b' });
  });
});

test('renderMerged() gives back what it was given', () => {
  assert(
    property(dictionary(constantFrom('a', '0644', 'no', 'é: x'), jsonValue()), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(parse(renderMerged(plain))).toEqual(plain);
    }),
  );
});
