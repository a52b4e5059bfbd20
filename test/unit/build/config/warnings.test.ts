import { describe, expect, test } from 'vitest';

import { compileFiles } from '../../../../build/config/compile-files.ts';
import { renderDiagnostics } from '../../../../build/config/diagnostics.ts';
import type { ArchName } from '../../../../build/arch.ts';
import { findWarnings } from '../../../../build/config/warnings.ts';
import type { Image } from '../../../../build/image/image-store.ts';
import type { Tree } from '../../../../build/rootfs/tree.ts';
import { byReference, image, validConfig, withKeys } from './fixtures.ts';

const META = { uid: 0, gid: 0, mtime: 0 };

const ROOT: Tree = new Map([
  ['etc', { ...META, mode: 0o755, type: 'directory' }],
  ['etc/there', { ...META, mode: 0o644, type: 'symlink', target: '/etc' }],
  ['root', { ...META, mode: 0o700, type: 'directory' }],
]);

async function warnings(text: string, ...images: readonly Image[]): Promise<readonly string[]> {
  return warningsFor('amd64', text, ...images);
}

async function warningsFor(
  arch: ArchName,
  text: string,
  ...images: readonly Image[]
): Promise<readonly string[]> {
  const { config, places } = validConfig(text);
  const files = await compileFiles(config, places, {
    root: ROOT,
    readSource: async () => Promise.resolve(undefined),
    yaml: '',
    mtime: 0,
  });
  const known = byReference(...(images.length === 0 ? [image('i')] : images));
  const found = [
    ...findWarnings(config, { images: known, places, root: files.root, arch }),
    ...files.warnings,
  ];
  for (const { severity } of found) expect(severity).toBe('warning');
  return found.map(({ line, col, code }) => `${line}:${col} ${code}`);
}

describe('findWarnings() tells of', () => {
  test.each([
    ['amd64', 'console=ttyS0', []],
    ['amd64', 'quiet console=ttyAMA0,115200', ['1:29 foreign-console']],
    ['arm64', 'console=ttyS0', ['1:29 foreign-console']],
    ['arm64', 'console=ttyS0 console=ttyAMA0', []],
    ['arm64', 'console=tty0 xconsole=ttyS0', []],
  ] as const)('a console that %s has not: %s', async (arch, cmdline, expected) => {
    expect(await warningsFor(arch, `kernel: {image: i, cmdline: '${cmdline}'}\n`)).toEqual(
      expected,
    );
  });

  test.each([
    ['a file under /var', '{path: var/lib/x, contents: a}', ['3:12 hidden-file']],
    ['a file under /run', '{path: /run/x, contents: a}', ['3:12 hidden-file']],
    ['a directory under /tmp', '{path: tmp/x, directory: true}', ['3:12 hidden-file']],
    ['nothing in another place', '{path: srv/var/x, contents: a}', []],
    ['a directory that is closed', '{path: etc, directory: true}', ['3:12 closed-directory']],
    [
      'a directory that is closed through a link',
      '{path: /etc/, directory: true, mode: "0750"}',
      ['3:12 closed-directory'],
    ],
    ['none that is left open', '{path: etc, directory: true, mode: "0755"}', []],
    ['none that was closed', '{path: root, directory: true}', []],
    ['no new one', '{path: secrets, directory: true}', []],
  ])('%s', async (_, file, expected) => {
    expect(await warnings(`kernel: {image: k}\nfiles:\n  - ${file}\n`)).toEqual(expected);
  });

  test.each([
    ['a bind of nothing', 'binds: ["/srv/x:/x"]', ['4:13 missing-bind-source']],
    ['an added bind of nothing', 'binds.add: ["/srv/x:/x"]', ['4:17 missing-bind-source']],
    ['no bind of what is there', 'binds: ["/etc:/x", "/etc/there:/y", "/:/z"]', []],
    ['no bind of what is made later', 'binds: ["/var/lib/x:/x", "/run/y:/y", "/dev/kvm:/z"]', []],
    ['no bind of what runtime makes', 'binds: ["/srv/x/y:/x"], runtime: {mkdir: [/srv/x]}', []],
    ['additions that are ignored', 'binds: [], binds.add: ["/etc:/x"]', ['4:16 ignored-key']],
    [
      'the same of capabilities',
      'capabilities: [], capabilities.add: [CAP_KILL]',
      ['4:23 ignored-key'],
    ],
  ])('%s', async (_, keys, expected) => {
    expect(await warnings(withKeys('onboot', keys))).toEqual(expected);
  });

  test("a bind of the image's label of nothing, at the image", async () => {
    const labels = { 'org.mobyproject.config': '{"binds": ["/srv/x:/x"]}' };
    expect(await warnings(withKeys('services', ''), image('i', { labels }))).toEqual([
      '3:22 missing-bind-source',
    ]);
  });

  test('two services on one port of the machine', async () => {
    const text = `kernel: {image: k}
services:
  - {name: a, image: web}
  - {name: b, image: web, net: new}
  - {name: c, image: web}
  - {name: d, image: other}
`;
    const web = image('web', { exposedPorts: ['80/tcp', '81/tcp'] });
    const other = image('other', { exposedPorts: ['81/udp', '81/tcp'] });
    expect(await warnings(text, web, other)).toEqual([
      '5:22 shared-port',
      '5:22 shared-port',
      '6:22 shared-port',
    ]);
  });
});

test('renderDiagnostics() says that a warning is one', () => {
  const place = { file: 'a', line: 1, col: 1, length: 1 };
  const rendered = renderDiagnostics(
    [{ code: 'hidden-file', severity: 'warning', message: 'm', ...place }],
    new Map(),
  );
  expect(rendered).toBe('a:1:1: warning: m\n');
});
