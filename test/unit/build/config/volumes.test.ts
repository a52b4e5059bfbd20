import { describe, expect, test } from 'vitest';

import { compileManifest } from '../../../../build/config/compile-manifest.ts';
import { parseConfig } from '../../../../build/config/parse-config.ts';
import { byReference, image, problems, validConfig } from './fixtures.ts';

const KERNEL = 'kernel: {image: k}\n';

function text(volumes: string, keys = ''): string {
  return `${KERNEL}volumes:\n  - ${volumes}\nservices:\n  - {name: a, image: i, ${keys}}\n`;
}

describe('volumes', () => {
  test('are blank, or what an image holds', () => {
    const { config } = validConfig(
      `${KERNEL}volumes: [{name: a}, {name: b, image: i, readonly: true}, {name: c, image: i, format: oci, platforms: [linux/amd64]}]`,
    );
    expect(config.volumes).toEqual([
      { name: 'a', readonly: false, format: 'filesystem' },
      { name: 'b', image: 'i', readonly: true, format: 'filesystem' },
      { name: 'c', image: 'i', readonly: false, format: 'oci', platforms: ['linux/amd64'] },
    ]);
  });

  test.each([
    ['a name with capitals', '{name: A}', '', ['3:12 invalid-value']],
    ['a name twice', '{name: v}\n  - {name: v}', '', ['4:12 duplicate-name']],
    ['an unknown format', '{name: v, format: tar}', '', ['3:23 unknown-value']],
    ['an OCI layout of nothing', '{name: v, format: oci}', '', ['3:15 conflict']],
    ['platforms of files', '{name: v, image: i, platforms: [linux/amd64]}', '', ['3:25 conflict']],
    [
      'a platform that is none of Linux',
      '{name: v, image: i, format: oci, platforms: [linux/arm/v7, windows/amd64]}',
      '',
      ['3:64 invalid-value'],
    ],
    ['an unknown key', '{name: v, readOnly: true}', '', ['3:15 unknown-key readonly']],
    [
      'a bind of an unknown volume',
      '{name: data}',
      'binds: ["dta:/x"]',
      ['5:33 unknown-volume data'],
    ],
    ['an added bind of one', '{name: data}', 'binds.add: ["x1:/x"]', ['5:37 unknown-volume']],
    [
      'a mount of one',
      '{name: data}',
      'mounts: [{type: bind, source: dta, destination: /x}]',
      ['5:34 unknown-volume data'],
    ],
    [
      'a writable bind of a read-only one',
      '{name: v, readonly: true}',
      'binds: ["v:/x"]',
      ['5:33 conflict'],
    ],
    ['the same in words', '{name: v, readonly: true}', 'binds: ["v:/x:rw"]', ['5:33 conflict']],
  ])('have %s placed', (_, volumes, keys, expected) => {
    expect(problems(text(volumes, keys))).toEqual(expected);
  });

  test.each([
    'binds: ["v:/x"]',
    'binds: ["r:/x:ro"]',
    'mounts: [{type: bind, source: v, destination: /x}]',
    'mounts: [{type: tmpfs, source: anything, destination: /x}]',
  ])('may be used as %s', (keys) => {
    expect(problems(text('{name: v}\n  - {name: r, readonly: true}', keys))).toEqual([]);
  });

  test('reach the guest, and binds of them where they are', () => {
    const { config } = validConfig(
      text(
        '{name: v}\n  - {name: r, readonly: true}',
        'binds: ["v:/x"], mounts: [{type: bind, source: r, destination: /y, options: [ro]}]',
      ),
    );
    const manifest = compileManifest(config, byReference(image('i', { cmd: ['/x'] })), 'm');
    expect(manifest.volumes).toEqual([
      { name: 'v', readonly: false },
      { name: 'r', readonly: true },
    ]);
    expect(manifest.services[0]).toMatchObject({
      binds: [{ source: '/containers/volumes/v/merged', destination: '/x' }],
      mounts: [{ source: '/containers/volumes/r/merged', destination: '/y' }],
    });
  });
});

describe('kernel', () => {
  test.each([
    ['', { binary: 'kernel', tar: 'kernel.tar' }],
    ['binary: boot/vmlinuz, tar: modules.tar', { binary: 'boot/vmlinuz', tar: 'modules.tar' }],
    ['ucode: intel-ucode.cpio', { ucode: 'intel-ucode.cpio' }],
  ])('has the files {%s}', (keys, expected) => {
    expect(validConfig(`kernel: {image: k, ${keys}}`).config.kernel).toMatchObject(expected);
  });

  test.each(['none', '""'])('has no modules with tar: %s', (tar) => {
    expect(validConfig(`kernel: {image: k, tar: ${tar}}`).config.kernel.tar).toBeUndefined();
  });

  test('is not looked for outside of its image', () => {
    expect(problems('kernel: {image: k, binary: ../vmlinuz}')).toEqual(['1:28 invalid-value']);
  });

  test('beside which LinuxKit takes a "trust" that does nothing is told so', () => {
    const { diagnostics } = parseConfig('x.yml', `${KERNEL}trust: {}\n`);
    expect(diagnostics).toMatchObject([{ line: 2, col: 1, code: 'unknown-key' }]);
    expect(diagnostics[0]?.message).toContain('"verify"');
  });
});
