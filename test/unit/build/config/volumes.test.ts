import { describe, expect, test } from 'vitest';

import { compileManifest } from '../../../../build/config/compile-manifest.ts';
import { onbootTasks } from '../../../../supervisor/manifest.ts';
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

describe('volumes on disks', () => {
  const volume = (disk: string, name = 'v'): string => `{name: ${name}, disk: {${disk}}}`;

  test('have defaults that touch nothing', () => {
    const { config } = validConfig(`${KERNEL}volumes: [${volume('label: x')}]`);
    expect(config.volumes[0]?.disk).toEqual({
      choice: { by: 'label', label: 'x' },
      filesystem: 'ext4',
      format: 'never',
      fsck: true,
      grow: false,
      options: [],
      wait: 10_000,
      onFailure: 'continue',
    });
  });

  test.each([
    ['firstBlank: true', { choice: { by: 'firstBlank' }, format: 'ifBlank' }],
    ['uuid: ab-12', { choice: { by: 'uuid', uuid: 'ab-12' }, format: 'never' }],
    ['path: /dev/vdb, format: ifBlank', { choice: { by: 'path' }, format: 'ifBlank' }],
    ['size: 1G', { choice: { by: 'size', min: 1024 ** 3, max: 1024 ** 3 } }],
    ['size: {min: 1M, max: 2M}', { choice: { min: 1_048_576, max: 2_097_152 } }],
    ['label: x, swap: true', { filesystem: 'swap' }],
    ['label: x, gid: 7', { owner: { uid: 0, gid: 7, mode: 0o755 } }],
    ['label: x, encrypt: {key: tpm, pcrs: [4, 11]}', { encrypt: { key: { pcrs: [4, 11] } } }],
  ])('may be {%s}', (keys, expected) => {
    const { config } = validConfig(`${KERNEL}volumes: [${volume(keys)}]`);
    expect(config.volumes[0]?.disk).toMatchObject(expected);
  });

  test.each([
    ['no disk at all', volume('grow: true'), ['3:21 missing-key']],
    ['two disks', volume('label: x, uuid: y'), ['3:32 conflict']],
    ['a blank disk with a label', volume('label: x, format: ifBlank'), ['3:32 conflict']],
    [
      'a blank disk that is never formatted',
      volume('firstBlank: true, format: never'),
      ['3:40 conflict'],
    ],
    ['a disk that is no device', volume('path: /data'), ['3:28 invalid-value']],
    ['a size that is none', volume('size: large'), ['3:28 bad-size']],
    ['sizes the wrong way round', volume('size: {min: 2G, max: 1G}'), ['3:22 conflict']],
    ['an unknown file system', volume('label: x, filesystem: ext5'), ['3:44 unknown-value ext4']],
    [
      'a file system to swap to',
      volume('label: x, swap: true, filesystem: xfs'),
      ['3:44 conflict'],
    ],
    ['vfat that grows', volume('label: x, filesystem: vfat, grow: true'), ['3:50 conflict']],
    ['vfat with an owner', volume('label: x, filesystem: vfat, uid: 5'), ['3:50 conflict']],
    ['an option that is a list', volume('label: x, options: ["a,b"]'), ['3:42 invalid-value']],
    [
      'a register that no TPM has',
      volume('label: x, encrypt: {key: tpm, pcrs: [24]}'),
      ['3:59 invalid-value'],
    ],
    [
      'registers of a file',
      volume('label: x, encrypt: {key: {file: /k}, pcrs: [7]}'),
      ['3:59 conflict'],
    ],
    [
      'a task before that there is not',
      volume('label: x, after: nobody'),
      ['3:39 unknown-dependency'],
    ],
    [
      'a key of metadata that nobody fetches',
      volume('label: x, encrypt: {key: {metadata: k}}'),
      ['3:41 missing-key'],
    ],
    [
      'a name that is no label',
      volume('firstBlank: true', 'longer-than-ext4-takes'),
      ['3:12 invalid-value'],
    ],
    ['an image', '{name: v, image: i, disk: {label: x}}', ['3:15 conflict']],
  ])('have %s placed', (_, entry, expected) => {
    expect(problems(`${KERNEL}volumes:\n  - ${entry}\n`)).toEqual(expected);
  });

  test('for which ishmael/kernel has no driver are told so', () => {
    const of = (kernel: string, disk: string): string =>
      `kernel: {image: ${kernel}}\nvolumes: [${volume(disk)}]\n`;
    for (const disk of ['label: x, filesystem: xfs', 'label: x, encrypt: {key: tpm}']) {
      expect(problems(of('ishmael/kernel', disk))).toEqual(['2:27 conflict']);
      expect(problems(of('ishmael/kernel-generic', disk))).toEqual([]);
    }
  });

  test('that are swapped to cannot be bound', () => {
    expect(problems(text(volume('label: x, swap: true'), 'binds: ["v:/x"]'))).toEqual([
      '5:33 conflict',
    ]);
  });

  const ONBOOT = `onboot:
  - {name: first, image: i, command: [/x]}
  - {name: metadata, image: ishmael/metadata}
  - {name: last, image: i, command: [/x], binds: ["v:/x"]}
`;

  test('are mounted before the tasks that bind them', () => {
    const of = (keys: string): readonly string[] =>
      problems(`${KERNEL}volumes:\n  - ${volume(keys)}\n${ONBOOT}`);
    expect(of('label: x, after: metadata')).toEqual([]);
    expect(of('label: x, encrypt: {key: {metadata: k}}')).toEqual([]);
    expect(of('label: x, after: last')).toEqual(['7:51 conflict']);
  });

  test('get a task, in its place, and services that bind them wait for it', () => {
    const keyed = volume('label: x, encrypt: {key: {metadata: k}}, onFailure: halt');
    const { config } = validConfig(
      `${text(`${keyed}\n  - ${volume('firstBlank: true, uid: 5', 'w')}`, 'binds: ["v:/x"]')}${ONBOOT}`,
    );
    const images = ['i', 'ishmael/metadata', 'ishmael/volume', 'ishmael/volume-full'].map((name) =>
      image(name, { cmd: ['/x'] }),
    );
    const manifest = compileManifest(config, byReference(...images), 'm');
    expect(manifest.volumes).toEqual([
      { name: 'v', readonly: false, onDisk: true },
      { name: 'w', readonly: false, onDisk: true },
    ]);
    expect(onbootTasks(manifest).map(([id]) => id)).toEqual([
      'volume-w',
      '000-first',
      '001-metadata',
      'volume-v',
      '002-last',
    ]);
    const [v, w] = manifest.volumeTasks ?? [];
    expect(v).toMatchObject({ image: 'ishmael/volume-full', policy: { onFailure: 'halt' } });
    expect(v?.binds).toContainEqual(
      expect.objectContaining({ source: '/run/config/k', destination: '/run/config/k' }),
    );
    expect(JSON.parse(w?.args[1] ?? '')).toEqual({
      name: 'w',
      choice: { by: 'firstBlank' },
      holds: 'ext4',
      format: 'ifBlank',
      fsck: true,
      grow: false,
      readonly: false,
      options: [],
      waitMs: 10_000,
      owner: { uid: 5, gid: 0, mode: 0o755 },
    });
    expect(manifest.services[0]?.policy.dependsOn).toEqual([
      { unit: 'volume-v', condition: 'completed', required: true },
    ]);
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

  test('has no microcode where a later file takes it back', () => {
    expect(validConfig('kernel: {image: k, ucode: ""}').config.kernel).not.toHaveProperty('ucode');
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
