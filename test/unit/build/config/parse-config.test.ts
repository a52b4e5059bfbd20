import { readFileSync } from 'node:fs';

import { array, assert, constantFrom, nat, oneof, property, record, string } from 'fast-check';
import { describe, expect, test } from 'vitest';

import { renderDiagnostics } from '../../../../build/config/diagnostics.ts';
import { parseConfig } from '../../../../build/config/parse-config.ts';

const EXAMPLE = readFileSync(new URL('../../../../examples/redis.yml', import.meta.url), 'utf8');

const KERNEL = 'kernel: {image: k}\n';

/** What is wrong with a text: `line:col code`, with the suggestion behind it if there is one. */
function problems(text: string): readonly string[] {
  return parseConfig('x.yml', text).diagnostics.map(({ line, col, code, suggestion }) =>
    suggestion === undefined ? `${line}:${col} ${code}` : `${line}:${col} ${code} ${suggestion}`,
  );
}

/** The problems of one service; its keys begin in line 4, column 5. */
function inService(keys: string): readonly string[] {
  return problems(`${KERNEL}services:\n  - {name: a, image: i,\n    ${keys}}\n`);
}

describe('parseConfig() accepts', () => {
  test('the machine of the issue, with the defaults that need no image', () => {
    const { config, diagnostics } = parseConfig('redis.yml', EXAMPLE);
    expect(diagnostics).toEqual([]);
    expect(config?.kernel).toEqual({
      image: 'ishmael/kernel',
      cmdline: 'console=ttyS0 console=tty0 page_poison=1',
      binary: 'kernel',
      tar: 'kernel.tar',
    });
    expect(config?.init).toEqual(['ishmael/init', 'ishmael/runc']);
    expect(config?.outputs).toEqual([{ format: 'kernel+initrd' }]);
    expect(config?.services.map(({ name }) => name)).toEqual(['dhcpcd', 'redis']);
    expect(config?.services[0]).toEqual({
      name: 'dhcpcd',
      image: 'ishmael/dhcpcd',
      capabilities: ['CAP_NET_ADMIN', 'CAP_NET_BIND_SERVICE', 'CAP_NET_RAW'],
      binds: [
        { source: '/var', destination: '/var', options: ['rw', 'rbind', 'rshared'] },
        { source: '/tmp/etc', destination: '/etc', options: ['rw', 'rbind', 'rshared'] },
      ],
      net: 'host',
      successExitStatus: [],
      stopTimeout: 10_000,
      restart: { kind: 'unless-stopped' },
      startTimeout: 90_000,
      essential: false,
      dependsOn: [],
      preStart: [],
    });
  });

  test('anchors, aliases and merge keys', () => {
    const { config, diagnostics } = parseConfig(
      'x.yml',
      `${KERNEL}onboot:
  - &task {name: one, image: i, capabilities: &caps [CAP_KILL], readonly: true}
services:
  - <<: *task
    name: two
    ambient: *caps
`,
    );
    expect(diagnostics).toEqual([]);
    expect(config?.services[0]).toMatchObject({
      name: 'two',
      image: 'i',
      capabilities: ['CAP_KILL'],
      ambient: ['CAP_KILL'],
      readonly: true,
    });
  });

  test.each([
    ['net: new', { net: 'new' }],
    ['net: none', { net: 'new' }],
    ['pid: host', { pid: 'host' }],
    ['ipc: root', { ipc: 'host' }],
    ['net: /run/netns/x', { net: { path: '/run/netns/x' } }],
    ['capabilities: [none]', { capabilities: [] }],
    ['capabilities: [CAP_KILL, CAP_KILL]', { capabilities: ['CAP_KILL'] }],
    [
      'binds: ["/a:/b:ro"]',
      { binds: [{ source: '/a', destination: '/b', options: ['ro', 'rbind'] }] },
    ],
    ['tmpfs: [/tmp]', { tmpfs: [{ destination: '/tmp', options: [] }] }],
    [
      'tmpfs: ["/tmp:size=1m,nosuid"]',
      { tmpfs: [{ destination: '/tmp', options: ['size=1m', 'nosuid'] }] },
    ],
    [
      'rlimits: ["nofile, 1024, unlimited"]',
      { rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 'unlimited' }] },
    ],
    ['rlimits: ["RLIMIT_CORE,0,0"]', { rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: 0 }] }],
    ['hostname: h, uts: new', { hostname: 'h', uts: 'new' }],
    ['uid: root, gid: a', { uid: 'root', gid: 'a' }],
  ])('the notation %s', (keys, expected) => {
    const text = `${KERNEL}services: [{name: a, image: i, ${keys}}]`;
    const { config, diagnostics } = parseConfig('x.yml', text);
    expect(diagnostics).toEqual([]);
    expect(config?.services[0]).toMatchObject(expected);
  });

  test('capabilities: [all] as every capability the kernel knows', () => {
    const text = `${KERNEL}services: [{name: a, image: i, capabilities: [all]}]`;
    expect(parseConfig('x.yml', text).config?.services[0]?.capabilities).toHaveLength(41);
  });

  test('the same name for several onboot tasks', () => {
    const tasks = '[{name: format, image: i}, {name: format, image: i}]';
    expect(problems(`${KERNEL}onboot: ${tasks}`)).toEqual([]);
  });

  test.each([
    [
      '{path: /etc//x, contents: hi}',
      { path: 'etc/x', mode: 0o600, content: { kind: 'text', text: 'hi' } },
    ],
    ['{path: d/, directory: true}', { path: 'd', mode: 0o700, content: { kind: 'directory' } }],
    ['{path: l, symlink: /run/x}', { content: { kind: 'symlink', target: '/run/x' } }],
    [
      '{path: s, source: ~/k, mode: "0644"}',
      { mode: 0o644, content: { kind: 'source', path: '~/k', optional: false } },
    ],
    [
      '{path: s, source: k, optional: true}',
      { content: { kind: 'source', path: 'k', optional: true } },
    ],
    ['{path: y, metadata: yaml}', { content: { kind: 'yaml' } }],
    ['{path: e, contents: ""}', { content: { kind: 'text', text: '' } }],
  ])('the file %s', (file, expected) => {
    const { config, diagnostics } = parseConfig('x.yml', `${KERNEL}files:\n  - ${file}\n`);
    expect(diagnostics).toEqual([]);
    expect(config?.files[0]).toMatchObject(expected);
  });
});

describe('parseConfig() places', () => {
  test.each([
    ['an unknown key at the key', 'comand: [x]', ['4:5 unknown-key command']],
    ['a wrong type at the value', 'readonly: "yes"', ['4:15 wrong-type']],
    ['a wrong type inside a list', 'command: [redis, 6379]', ['4:22 wrong-type']],
    ['an empty value at its key', 'env:', ['4:5 wrong-type']],
    [
      'a capability that does not exist',
      'capabilities: [CAP_NET_AMDIN]',
      ['4:20 unknown-capability CAP_NET_ADMIN'],
    ],
    [
      'a capability without CAP_',
      'capabilities: [net_raw]',
      ['4:20 unknown-capability CAP_NET_RAW'],
    ],
    ['all beside other capabilities', 'capabilities: [CAP_KILL, all]', ['4:30 conflict']],
    ['a bind without ":"', 'binds: [/etc]', ['4:13 bad-bind']],
    ['a bind with a relative destination', 'binds: ["/etc:etc"]', ['4:13 bad-bind']],
    ['a bind with a relative source', 'binds: ["./etc:/etc"]', ['4:13 bad-bind']],
    ['a bind with too many ":"', 'binds: ["/a:/b:ro:rw"]', ['4:13 bad-bind']],
    ['a bind with an empty option', 'binds: ["/a:/b:"]', ['4:13 bad-bind']],
    ['a relative tmpfs', 'tmpfs: [tmp]', ['4:13 bad-tmpfs']],
    ['an rlimit that does not exist', 'rlimits: ["nofiel,1,1"]', ['4:15 bad-rlimit nofile']],
    ['an rlimit without a hard limit', 'rlimits: ["nofile,1"]', ['4:15 bad-rlimit']],
    ['an rlimit that is no number', 'rlimits: ["nofile,many,1"]', ['4:15 bad-rlimit']],
    ['a soft limit above the hard one', 'rlimits: ["nofile,2,1"]', ['4:15 bad-rlimit']],
    ['an unknown namespace', 'net: hots', ['4:10 unknown-value host']],
    ['an id of nobody', 'uid: redis', ['4:10 unknown-id']],
    ['an additional group of nobody', 'additionalGids: [0, x]', ['4:25 unknown-id a']],
    ['a negative id', 'uid: -1', ['4:10 invalid-value']],
    ['a relative working directory', 'cwd: tmp', ['4:10 invalid-value']],
    ['an environment entry without "="', 'env: [HOME]', ['4:11 invalid-value']],
    ['an empty command', 'command: []', ['4:14 invalid-value']],
    ['a NUL byte', 'cwd: "/\\0"', ['4:10 invalid-value']],
    ['a duplicate key', 'net: host, net: host', ['4:16 duplicate-key']],
  ])('%s', (_, keys, expected) => {
    expect(inService(keys)).toEqual(expected);
  });

  test.each([
    [
      'a missing key at the start of its item',
      `${KERNEL}services:\n  - name: a\n`,
      ['3:5 missing-key'],
    ],
    ['a missing key at the top', 'init: []\n', ['1:1 missing-key']],
    [
      'a service name that is taken',
      `${KERNEL}services:\n  - {name: a, image: i}\n  - {name: a, image: i}\n`,
      ['4:12 duplicate-name'],
    ],
    [
      'a service named as the unit of an onboot task',
      `${KERNEL}onboot: [{name: a, image: i}]\nservices: [{name: 000-a, image: i}]`,
      ['3:19 duplicate-name'],
    ],
    [
      'a name that cannot be a unit',
      `${KERNEL}services: [{name: a/b, image: i}]`,
      ['2:19 invalid-value'],
    ],
    [
      'an unknown output format',
      `${KERNEL}outputs:\n  - format: kernel-initrd\n`,
      ['3:13 unknown-value kernel+initrd'],
    ],
    [
      'an output format that is no word',
      `${KERNEL}outputs:\n  - format: [iso]\n`,
      ['3:13 wrong-type'],
    ],
    ['an output without a format', `${KERNEL}outputs:\n  - {}\n`, ['3:5 missing-key']],
    ['a root that is a list', '- a\n', ['1:1 wrong-type']],
    ['a root that is a word', 'hello\n', ['1:1 wrong-type']],
    ['an empty file', '', ['1:1 empty-file']],
    ['a file of comments', '# nothing\n', ['1:1 empty-file']],
    ['a syntax error', 'kernel: [a\ninit: []\n', ['2:1 yaml-syntax']],
    ['an unclosed quote at the quote', 'kernel: "a\ninit: []\n', ['1:9 yaml-syntax']],
    ['a second document', `${KERNEL}---\n${KERNEL}`, ['2:1 yaml-syntax']],
    ['an unknown tag', `${KERNEL}init: !include x\n`, ['2:7 yaml-syntax', '2:16 wrong-type']],
    ['a key that is no string', `${KERNEL}? [a]\n: b\n`, ['2:3 yaml-syntax']],
    ['an alias without an anchor', `${KERNEL}init: *x\n`, ['2:7 yaml-alias']],
    ['an anchor inside itself', `${KERNEL}init: &x [*x]\n`, ['2:11 yaml-alias']],
    ['a merge of something that is no map', `${KERNEL}<<: 5\n`, ['2:1 yaml-alias']],
    ['an alias at the alias', 'kernel: {image: &i k}\ninit: *i\n', ['2:7 wrong-type']],
    [
      'a problem inside an anchored block, once',
      `${KERNEL}onboot:\n  - &t {name: a, image: i, nett: new}\n  - *t\n`,
      ['3:28 unknown-key net'],
    ],
    [
      'a problem that a merge brings along, where it is written',
      `${KERNEL}onboot:\n  - &t {name: a, image: i, cwd: x}\n  - <<: *t\n    name: b\n`,
      ['3:33 invalid-value'],
    ],
    ['a file that is nothing', `${KERNEL}files:\n  - path: a\n`, ['3:5 missing-key']],
    [
      'a file that is two things',
      `${KERNEL}files:\n  - {path: a, contents: b, source: c}\n`,
      ['3:28 conflict'],
    ],
    [
      'a path that leaves the image',
      `${KERNEL}files:\n  - {path: ../a, contents: b}\n`,
      ['3:12 invalid-value'],
    ],
    [
      'a mode without quotes',
      `${KERNEL}files:\n  - {path: a, contents: b, mode: 0644}\n`,
      ['3:34 wrong-type'],
    ],
    [
      'a mode that is not octal',
      `${KERNEL}files:\n  - {path: a, contents: b, mode: "0888"}\n`,
      ['3:34 invalid-value'],
    ],
    ['a command line of two lines', 'kernel: {image: k, cmdline: "a\\nb"}', ['1:29 invalid-value']],
    [
      "LinuxKit's package by its folder",
      'kernel: {image: "@pkg:./kernel"}',
      ['1:17 invalid-value'],
    ],
    ['the key __proto__', `${KERNEL}__proto__: {a: 1}\n`, ['2:1 unknown-key']],
  ])('%s', (_, text, expected) => {
    expect(problems(text)).toEqual(expected);
  });

  test('every problem of the file in one run, in the order of the file', () => {
    const text = EXAMPLE.replace('image: ishmael/kernel', 'imagee: ishmael/kernel')
      .replace('/var:/var', '/var')
      .replace('CAP_NET_RAW', 'CAP_NET_ROW')
      .replace('    image: ishmael/redis\n', '')
      .replace('name: redis', 'name: dhcpcd')
      .replace('net: host\noutputs', 'net: [host]\noutputs')
      .replace('- format: kernel+initrd', '- format: iso');
    expect(problems(text)).toEqual([
      '2:3 missing-key',
      '2:3 unknown-key image',
      '11:8 bad-bind',
      '16:8 unknown-capability CAP_NET_RAW',
      '18:5 missing-key',
      '18:11 duplicate-name',
      '25:10 wrong-type',
      '27:13 unknown-value',
    ]);
  });

  test('columns of a file with a byte order mark and CRLF', () => {
    const text = '\u{feff}kernel: {imag: k}\r\ninit: 5\r\n';
    expect(problems(text)).toEqual(['1:9 missing-key', '1:10 unknown-key image', '2:7 wrong-type']);
  });
});

describe('parseConfig() survives', () => {
  const pieces = ['\n', ' ', '\t', ':', '-', '*x', '&x ', '<<: ', '{', '[', '"', '|', '!t ', '\0'];
  const edit = record({
    at: nat(EXAMPLE.length),
    remove: nat(12),
    insert: oneof(constantFrom(...pieces), string({ maxLength: 4, unit: 'grapheme' })),
  });

  test('any mutation of the example: it throws never, and points into the file', () => {
    assert(
      property(array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        const text = edits.reduce(
          (current, { at, remove, insert }) =>
            current.slice(0, at) + insert + current.slice(at + remove),
          EXAMPLE,
        );
        const { config, diagnostics } = parseConfig('x.yml', text);
        expect(config === undefined).toBe(diagnostics.length > 0);
        const lines = text.split('\n');
        for (const { line, col, length } of diagnostics) {
          const source = lines[line - 1];
          expect(source).toBeDefined();
          expect(col).toBeGreaterThanOrEqual(1);
          expect(col).toBeLessThanOrEqual((source ?? '').length + 1);
          expect(length).toBeGreaterThanOrEqual(1);
        }
        expect(renderDiagnostics(diagnostics, new Map([['x.yml', text]]))).not.toContain(
          'undefined',
        );
      }),
      { numRuns: 300 },
    );
  });

  test('a text that confuses the line counter of the parser', () => {
    const text = `*x${EXAMPLE.slice(0, 126)}\u{10000}${EXAMPLE.slice(135)}`;
    for (const { line, col } of parseConfig('x.yml', text).diagnostics) {
      expect(col).toBeLessThanOrEqual((text.split('\n')[line - 1] ?? '').length + 1);
    }
  });

  test('a text nested deeper than the stack goes', () => {
    // Where the parser gives up depends on the stack that is left, and it may do so more than once.
    for (const depth of [1000, 3000, 5000, 8000]) {
      expect(problems('['.repeat(depth))).toEqual([expect.stringContaining('yaml-syntax')]);
    }
  });

  test('aliases of aliases without end', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const alias = level === 0 ? 'x' : `*a${level - 1}`;
      return `k${level}: &a${level} [${Array.from({ length: 10 }, () => alias).join(', ')}]`;
    });
    expect(problems(levels.join('\n'))).toEqual(['1:1 yaml-alias']);
  });
});
