import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isLoopback,
  parseReference,
  pinnedDigest,
  renderReference,
  storedName,
  storedNames,
} from '../../../../build/image/reference.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('parseReference()', () => {
  test.each([
    ['redis', 'docker.io/library/redis:latest'],
    ['redis:7', 'docker.io/library/redis:7'],
    ['team/app', 'docker.io/team/app:latest'],
    ['docker.io/redis', 'docker.io/library/redis:latest'],
    ['index.docker.io/library/redis:7', 'docker.io/library/redis:7'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/a/b/c:1.2-x_y', 'localhost:5000/a/b/c:1.2-x_y'],
    ['127.0.0.1:5000/app', '127.0.0.1:5000/app:latest'],
    ['[::1]:5000/app', '[::1]:5000/app:latest'],
    [`redis@${DIGEST}`, `docker.io/library/redis@${DIGEST}`],
    [`registry.example/redis:7@${DIGEST}`, `registry.example/redis:7@${DIGEST}`],
  ])('reads %s as %s', (text, whole) => {
    const reference = parseReference(text);
    expect(reference && renderReference(reference)).toBe(whole);
  });

  test.each([
    '',
    'Redis',
    'team/App',
    'redis:',
    'redis:-x',
    `redis:${'x'.repeat(129)}`,
    'redis@sha256:00',
    `redis@${DIGEST}@${DIGEST}`,
    'redis@md5:0123',
    '/redis',
    'a//b',
    'a..b/c',
    'a/b/',
    '../redis',
    'registry.example:port/redis',
    'x'.repeat(256),
    '-registry.example/redis',
  ])('refuses %j', (text) => {
    expect(parseReference(text)).toBeUndefined();
  });

  test('reads back what renderReference() writes, to the same', () => {
    const word = fc.stringMatching(/^[a-z0-9]+([._-][a-z0-9]+)*$/u, { maxLength: 12 });
    const registry = fc.constantFrom('docker.io', 'registry.example:5000', 'localhost', '[::1]:1');
    fc.assert(
      fc.property(
        registry,
        fc.array(word, { minLength: 2, maxLength: 4 }),
        fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/u), { nil: undefined }),
        fc.boolean(),
        (host, parts, tag, pinned) => {
          const digest = pinned ? `@${DIGEST}` : '';
          const text = `${host}/${parts.join('/')}${tag === undefined ? '' : `:${tag}`}${digest}`;
          const reference = parseReference(text);
          if (reference === undefined) throw new Error(`refused ${text}`);
          expect(parseReference(renderReference(reference))).toEqual(
            pinned || tag !== undefined ? reference : { ...reference, tag: 'latest' },
          );
          expect(reference.repository).toBe(parts.join('/'));
        },
      ),
    );
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseReference(text)));
  });
});

describe('storedName()', () => {
  test.each([
    ['ishmael/redis', 'ishmael/redis:latest'],
    ['ishmael/redis:7', 'ishmael/redis:7'],
    ['registry.test:5000/redis', 'registry.test:5000/redis:latest'],
    ['registry.test:5000/redis:7', 'registry.test:5000/redis:7'],
    ['redis@sha256:00', 'redis@sha256:00'],
  ])('keeps %s as %s', (reference, name) => {
    expect(storedName(reference)).toBe(name);
  });
});

test('storedNames() has the local name first, then the whole one', () => {
  expect(storedNames('redis:7')).toEqual(['redis:7', 'docker.io/library/redis:7']);
  expect(storedNames('localhost/x:1')).toEqual(['localhost/x:1']);
  expect(storedNames('build:/x')).toEqual(['build:/x:latest']);
});

describe('pinnedDigest()', () => {
  test('finds the digest behind @', () => {
    expect(pinnedDigest('redis:7@sha256:00')).toBe('sha256:00');
    expect(pinnedDigest('redis:7')).toBeUndefined();
  });
});

test.each([
  ['localhost', true],
  ['localhost:5000', true],
  ['127.1.2.3:80', true],
  ['[::1]:5000', true],
  ['127.0.0.1.example', false],
  ['localhost.example', false],
  ['10.0.0.1', false],
])('isLoopback(%s) is %s', (registry, answer) => {
  expect(isLoopback(registry)).toBe(answer);
});
