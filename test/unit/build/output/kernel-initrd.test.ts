import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Image } from '../../../../build/image/image-store.ts';
import { readTar, writeTar } from '../../../../build/image/layer.ts';
import { openImageStore, type WritableImageStore } from '../../../../build/image/oci-layout.ts';
import type { MachineParts } from '../../../../build/output/machine-trees.ts';
import { writeOutputs } from '../../../../build/output/write-outputs.ts';
import { readText } from '../../../../build/rootfs/read-text.ts';
import type { Tree, TreeNode } from '../../../../build/rootfs/tree.ts';
import {
  DEFAULT_PANIC_TIMEOUT,
  type Manifest,
  MANIFEST_VERSION,
} from '../../../../supervisor/manifest.ts';

const META = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };
const CONFIG = { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} };

const MANIFEST: Manifest = {
  version: MANIFEST_VERSION,
  name: 'm',
  panicTimeout: DEFAULT_PANIC_TIMEOUT,
  onboot: [],
  services: [],
  onshutdown: [],
};

let dir = '';
let store: WritableImageStore;
let kernel: Image;

function file(contents: string | Uint8Array): TreeNode {
  return { ...META, type: 'file', data: { kind: 'bytes', bytes: Buffer.from(contents) } };
}

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'kernel-initrd-'));
  vi.stubEnv('XDG_CACHE_HOME', join(dir, 'cache'));
  store = openImageStore(join(dir, 'store'));
  const modules: Tree = new Map([['lib', { ...META, mode: 0o755, type: 'directory' }]]);
  const tree: Tree = new Map([
    ['kernel', file('the kernel')],
    ['boot', { ...META, mode: 0o755, type: 'directory' }],
    ['boot/other', file('another')],
    ['kernel.tar', file(await buffer(Readable.from(writeTar(modules))))],
    ['ucode.cpio', file('microcode')],
  ]);
  kernel = await store.putImage('test/kernel', CONFIG, [await store.writeLayer(tree)]);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

async function write(kernelFiles: MachineParts['kernelFiles']): Promise<(name: string) => Buffer> {
  const parts: MachineParts = {
    kernel,
    kernelFiles,
    cmdline: 'quiet',
    init: [],
    containers: [],
    volumes: [],
    manifest: MANIFEST,
    files: new Map(),
  };
  const context = { store, dir, name: 'm', compression: 'quick', progress: () => {} } as const;
  await writeOutputs(['kernel+initrd', 'tar'], parts, context);
  return (name) => readFileSync(join(dir, `m${name}`));
}

test('kernel+initrd takes the files of the kernel that the YAML names', async () => {
  const written = await write({ binary: 'boot/other', tar: 'kernel.tar', ucode: 'ucode.cpio' });
  expect(written('-kernel').toString()).toBe('another');
  // The kernel finds microcode at the very beginning only.
  expect(written('-initrd.img').subarray(0, 9).toString()).toBe('microcode');
  expect(written('-cmdline').toString()).toBe('quiet');
});

test('tar has them in boot, with the microcode', async () => {
  const written = await write({ binary: 'boot/other', tar: undefined, ucode: 'ucode.cpio' });
  const tree = await readTar(Readable.from([written('.tar')]), join(dir, 'data'));
  expect(await readText(tree, 'boot/kernel')).toBe('another');
  expect(await readText(tree, 'boot/ucode.cpio')).toBe('microcode');
});

test('kernel+initrd needs neither modules nor microcode', async () => {
  const written = await write({ binary: 'kernel', tar: undefined });
  expect(written('-kernel').toString()).toBe('the kernel');
  expect(written('-initrd.img').toString()).not.toContain('microcode');
});

test('kernel+initrd names the file that the image does not have', async () => {
  for (const files of [
    { binary: 'vmlinuz', tar: 'kernel.tar' },
    { binary: 'kernel', tar: 'vmlinuz' },
    { binary: 'kernel', tar: 'kernel.tar', ucode: 'vmlinuz' },
  ]) {
    await expect(write(files)).rejects.toThrow(/test\/kernel.* vmlinuz$/);
  }
});
