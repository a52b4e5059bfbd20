/**
 * Component images from real Debian packages, in caches of their own. Needs mmdebstrap and a mirror, as
 * `npm start` does.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cacheDir } from '../../build/cache-dir.ts';
import { AptError, aptState } from '../../build/component/apt-state.ts';
import { ensureComponents } from '../../build/component/ensure-components.ts';
import { resolvePackages } from '../../build/component/resolve-packages.ts';
import type { Image } from '../../build/image/image-store.ts';
import { openImageStore } from '../../build/image/oci-layout.ts';
import { readFileData } from '../../build/rootfs/file-data.ts';
import type { Tree } from '../../build/rootfs/tree.ts';

const SMALL = 'ishmael/busybox';
const CACHE = process.env['XDG_CACHE_HOME'];
const PATH = process.env['PATH'];

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'ishmael-components-'));
});
afterAll(async () => {
  await rm(scratch, { recursive: true });
});
afterEach(() => {
  restore('XDG_CACHE_HOME', CACHE);
  restore('PATH', PATH);
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

/** Not of this test alone: what the tests of machines need as well is built once. */
const SHARED = Symbol('the cache of this user');
type Cache = string | typeof SHARED;

/** Builds in a cache; returns what it said it was doing. */
async function ensure(cache: Cache, ...references: readonly string[]): Promise<string[]> {
  if (cache !== SHARED) process.env['XDG_CACHE_HOME'] = join(scratch, cache);
  const lines: string[] = [];
  await ensureComponents(references, { progress: (line) => lines.push(line) });
  return lines;
}

async function load(cache: Cache, reference: string): Promise<{ image: Image; tree: Tree }> {
  const folder = cache === SHARED ? cacheDir() : join(scratch, cache, 'ishmael');
  const store = openImageStore(join(folder, 'images'));
  const image = await store.find(reference);
  if (image === undefined) throw new Error(`no ${reference} in ${folder}`);
  return { image, tree: await store.tree(image) };
}

/** Puts programs of these names first in PATH that only leave a trace; tells which were started. */
async function trap(...commands: readonly string[]): Promise<() => Promise<readonly string[]>> {
  const [tools, traces] = [await mkdtemp(join(scratch, 't-')), await mkdtemp(join(scratch, 't-'))];
  for (const command of commands) {
    const script = `#!/bin/sh\n: >'${join(traces, command)}'\nexit 1\n`;
    await writeFile(join(tools, command), script, { mode: 0o755 });
  }
  process.env['PATH'] = `${tools}:${PATH ?? ''}`;
  return () => readdir(traces);
}

describe('ensureComponents()', () => {
  test('builds the same bytes in two empty caches', async () => {
    expect(await ensure('one', SMALL)).toContain(`building ${SMALL}`);
    await ensure('two', SMALL);

    const [one, two] = [await load('one', SMALL), await load('two', SMALL)];
    expect(one.image.digest).toBe(two.image.digest);
    expect(one.image.config).toMatchObject({ cmd: ['/bin/sh'], entrypoint: [] });
    expect(one.tree.get('bin')).toMatchObject({ type: 'symlink', target: 'usr/bin' });
    expect(one.tree.get('usr/bin/sh')).toMatchObject({ type: 'symlink', target: 'busybox' });
    expect([...one.tree.keys()].filter((path) => /dpkg|perl|apt|locale|doc/u.test(path))).toEqual(
      [],
    );
  });

  test('starts nothing the second time', async () => {
    const started = await trap('mmdebstrap', 'apt-get', 'flock');
    const before = performance.now();
    expect(await ensure('one', SMALL)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(await started()).toEqual([]);
  });

  test('reuses the packages when only the rest of an image changed', async () => {
    const index = join(scratch, 'two', 'ishmael', 'images', 'index.json');
    const text = await readFile(index, 'utf8');
    await writeFile(index, text.replace(/"ishmael.component.key": "./u, '$&0'));
    const started = await trap('mmdebstrap');

    expect(await ensure('two', SMALL)).toEqual([`building ${SMALL}`]);
    expect((await load('two', SMALL)).image.digest).toBe((await load('one', SMALL)).image.digest);
    expect(await started()).toEqual([]);
  });

  test('names a package that Debian has no more, and the component that wants it', async () => {
    process.env['XDG_CACHE_HOME'] = join(scratch, 'one');
    const apt = aptState(join(scratch, 'one', 'ishmael', 'packages'));
    const sets = [{ name: 'whaler', packages: ['busybox', 'no-such-package'], assume: [] }];
    const resolved = resolvePackages(apt, sets, { progress: () => {}, refresh: false });
    await expect(resolved).rejects.toThrow(
      new AptError('ishmael/whaler: Debian 13 has no package no-such-package'),
    );
  });

  test('leaves references of others alone', async () => {
    expect(await ensure('untouched', 'registry.test/redis:7')).toEqual([]);
  });

  test('makes programs that find all their libraries', async () => {
    const programs: Readonly<Record<string, readonly string[]>> = {
      'ishmael/busybox': ['usr/bin/busybox'],
      'ishmael/containerd': ['usr/bin/containerd', 'usr/bin/containerd-shim-runc-v2'],
      'ishmael/crun': ['usr/bin/crun'],
      'ishmael/ctr': ['usr/bin/ctr'],
      'ishmael/dhcpcd': ['usr/sbin/dhcpcd', 'usr/bin/dash'],
      'ishmael/chrony': ['usr/sbin/chronyd', 'usr/bin/chronyc'],
      'ishmael/dm-crypt': ['usr/sbin/cryptsetup', 'usr/sbin/blkid'],
      'ishmael/docker': [
        'usr/sbin/dockerd',
        'usr/sbin/docker-proxy',
        'usr/sbin/runc',
        'usr/sbin/xtables-nft-multi',
        'usr/bin/busybox',
        'usr/bin/containerd',
        'usr/bin/containerd-shim-runc-v2',
        'usr/bin/docker',
      ],
      'ishmael/etcd': ['usr/bin/etcd'],
      'ishmael/extend': ['usr/sbin/sfdisk', 'usr/sbin/e2fsck', 'usr/sbin/resize2fs'],
      'ishmael/format': ['usr/sbin/sfdisk', 'usr/sbin/mke2fs', 'usr/sbin/mkfs.fat'],
      'ishmael/mount': ['usr/sbin/blkid'],
      'ishmael/getty': ['usr/bin/busybox'],
      'ishmael/nftables': ['usr/sbin/nft'],
      'ishmael/nginx': ['usr/sbin/nginx'],
      'ishmael/node-exporter': ['usr/bin/prometheus-node-exporter'],
      'ishmael/postgres': ['postgres', 'initdb', 'psql', 'pg_dump', 'pg_restore'].map(
        (program) => `usr/lib/postgresql/17/bin/${program}`,
      ),
      'ishmael/prometheus': ['usr/bin/prometheus'],
      'ishmael/qemu-guest-agent': ['usr/sbin/qemu-ga'],
      'ishmael/redis': ['usr/bin/redis-server', 'usr/bin/redis-cli'],
      'ishmael/rngd': ['usr/sbin/rngd'],
      'ishmael/runc': ['usr/sbin/runc'],
      'ishmael/sshd': [
        'usr/sbin/sshd',
        'usr/bin/ssh-keygen',
        'usr/lib/openssh/sshd-auth',
        'usr/lib/openssh/sshd-session',
      ],
      'ishmael/sysctl': ['usr/sbin/sysctl'],
    };
    await ensure(SHARED, ...Object.keys(programs));
    for (const [reference, paths] of Object.entries(programs)) {
      const root = join(scratch, 'roots', reference);
      await writeTree((await load(SHARED, reference)).tree, root);
      for (const path of paths) expect(await missingLibraries(root, path)).toEqual([]);
    }
  }, 900_000);

  test('gives a kernel whose modules come with what they need', async () => {
    await ensure(SHARED, 'ishmael/kernel');
    const { tree } = await load(SHARED, 'ishmael/kernel');
    expect([...tree.keys()].sort()).toEqual(['kernel', 'kernel.tar']);

    const root = join(scratch, 'kernel');
    await writeTree(tree, root);
    const { stdout } = await promisify(execFile)('tar', ['tf', join(root, 'kernel.tar')]);
    const files = stdout.split('\n');
    const dep = files.find((path) => path.endsWith('/modules.dep'));
    if (dep === undefined) throw new Error('no modules.dep');
    const extracted = await promisify(execFile)('tar', ['xfO', join(root, 'kernel.tar'), dep]);
    const wanted = extracted.stdout.split(/[:\s]+/u).filter((path) => path !== '');
    expect(
      wanted.map((path) => join(dirname(dep), path)).filter((p) => !files.includes(p)),
    ).toEqual([]);
    expect(wanted.some((path) => path.endsWith('/virtio_net.ko'))).toBe(true);
    expect(wanted.some((path) => path.endsWith('/net_failover.ko'))).toBe(true);
  });
});

async function writeTree(tree: Tree, root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const path of [...tree.keys()].sort()) {
    const node = tree.get(path);
    const target = join(root, path);
    if (node?.type === 'directory') await mkdir(target);
    else if (node?.type === 'symlink') await symlink(node.target, target);
    else if (node?.type === 'file') {
      await writeFile(target, await readFileData(node.data), { mode: node.mode });
    }
  }
}

/** Asks the image's own dynamic loader, which looks at nothing of the host. */
async function missingLibraries(root: string, program: string): Promise<readonly string[]> {
  const loader = join(root, 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2');
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  const { stdout } = await promisify(execFile)(loader, [
    '--inhibit-cache',
    '--library-path',
    libraries,
    '--list',
    join(root, program),
  ]);
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes('not found') || / => \/(?!.*ishmael-components)/u.test(line));
}
