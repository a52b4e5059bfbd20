import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseImageSource, renderDockerfileSource } from '../../../../build/image/image-source.ts';

describe('parseImageSource()', () => {
  test.each([
    ['redis:7', { kind: 'registry', reference: { repository: 'library/redis', tag: '7' } }],
    ['docker://localhost:1/a', { kind: 'registry', reference: { registry: 'localhost:1' } }],
    ['localhost:1/a', { kind: 'registry', reference: { registry: 'localhost:1' } }],
    ['oci:dir', { kind: 'file', transport: 'oci', path: 'dir' }],
    ['oci:./a/b:tag:2', { kind: 'file', transport: 'oci', path: './a/b', name: 'tag:2' }],
    ['oci-archive:a.tar', { kind: 'file', transport: 'oci-archive', path: 'a.tar' }],
    ['docker-archive:/a.tar:redis:7', { transport: 'docker-archive', name: 'redis:7' }],
    ['docker-daemon:redis:7', { kind: 'engine', transport: 'docker-daemon', name: 'redis:7' }],
    ['containers-storage:x', { kind: 'engine', transport: 'containers-storage', name: 'x' }],
    ['build:./app', { kind: 'dockerfile', context: './app' }],
    // An image whose name begins like a transport.
    ['docker:24', { kind: 'registry', reference: { repository: 'library/docker', tag: '24' } }],
  ])('reads %s', (text, source) => {
    expect(parseImageSource(text)).toMatchObject(source);
  });

  test.each(['oci:', 'docker-archive::x', 'docker-daemon:', 'build:', 'build:%', 'No/Image'])(
    'refuses %s',
    (text) => {
      expect(parseImageSource(text)).toBeUndefined();
    },
  );

  test('reads back what renderDockerfileSource() writes, in one word', () => {
    const text = fc.string({ minLength: 1, maxLength: 12 });
    const request = fc.record(
      {
        context: text,
        file: text,
        target: text,
        args: fc.dictionary(fc.stringMatching(/^[A-Z_]+$/u), text, { minKeys: 1 }),
      },
      { requiredKeys: ['context'] },
    );
    fc.assert(
      fc.property(request, (wanted) => {
        const word = renderDockerfileSource(wanted);
        expect(word).not.toMatch(/\s/u);
        expect(parseImageSource(word)).toEqual({ kind: 'dockerfile', ...wanted });
      }),
    );
  });
});
