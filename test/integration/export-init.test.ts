/** `ishmael images export ishmael/init`: what LinuxKit's own tools take in the place of linuxkit/init. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { dispatch } from '../../build/cli/dispatch.ts';
import { importImage } from '../../build/image/import-image.ts';
import { openImageStore } from '../../build/image/oci-layout.ts';
import type { Tree } from '../../build/rootfs/tree.ts';

let scratch: string;
let archive: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ishmael-export-init-'));
  archive = join(scratch, 'init.tar');
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const code = await dispatch(['images', 'export', 'ishmael/init', archive]);
  vi.restoreAllMocks();
  expect(code).toBe(0);
});
afterAll(() => rmSync(scratch, { recursive: true }));

interface Described {
  readonly digest: string;
  readonly mediaType: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function read(path: string): unknown {
  return JSON.parse(execFileSync('tar', ['-xOf', archive, path], { encoding: 'utf8' }));
}

async function treeOf(): Promise<Tree> {
  const store = join(scratch, 'store');
  await importImage({
    store,
    architecture: 'amd64',
    from: { kind: 'file', transport: 'oci-archive', path: archive },
    name: 'exported:1',
    source: archive,
  });
  const opened = openImageStore(store, 'amd64');
  const image = await opened.find('exported:1');
  if (image === undefined) throw new Error('It was not imported');
  return opened.tree(image);
}

test('is an OCI archive with the name by which LinuxKit and containerd take it in', () => {
  const { manifests } = read('index.json') as { manifests: readonly Described[] };
  expect(manifests).toHaveLength(1);
  expect(manifests[0]?.annotations).toEqual({
    'org.opencontainers.image.ref.name': 'ishmael/init:latest',
    'io.containerd.image.name': 'docker.io/ishmael/init:latest',
  });
  const blob = `blobs/${manifests[0]?.digest.replace(':', '/')}`;
  const { layers } = read(blob) as { layers: readonly Described[] };
  expect(new Set(layers.map(({ mediaType }) => mediaType))).toEqual(
    new Set(['application/vnd.oci.image.layer.v1.tar+gzip']),
  );
});

test('has PID 1, its libraries, the service command and nothing that another image replaces', async () => {
  const tree = await treeOf();
  expect(tree.get('init')).toMatchObject({ type: 'file', mode: 0o755 });
  expect(tree.get('sbin/init')).toMatchObject({ type: 'symlink', target: '/init' });
  expect(tree.get('usr/bin/service')).toMatchObject({ type: 'symlink', target: '/init' });
  for (const path of ['lib64', 'sbin', 'usr/bin', 'run', 'tmp', 'var', 'mnt'])
    expect(tree.get(path)).toMatchObject({ type: 'directory' });
  const loader = tree.get('lib64/ld-linux-x86-64.so.2');
  expect(loader).toMatchObject({ type: 'symlink', target: '/usr/lib64/ld-linux-x86-64.so.2' });
  expect(tree.get('etc/issue')).toMatchObject({ type: 'file' });
});
