/** Roots that are file systems, as other tools see them: owners, modes, devices, and the same bytes again. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHECKOUT } from '../../build/cli/checkout.ts';

const FORMATS = 'kernel+squashfs,kernel+erofs,kernel+iso';
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const YAML = join(CHECKOUT, 'test/vm/300-roots/image.yml');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ishmael-roots-'));
  build('first', 'UTC');
}, 900_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const options = {
    encoding: 'utf8',
    env: { ...process.env, PATH, ...env },
    stdio: 'pipe',
  } as const;
  return execFileSync(command, args, options);
}

function build(dir: string, zone: string): void {
  const to = ['--name', 'm', '--quick', '--dir', join(folder, dir), '--format', FORMATS];
  run(join(CHECKOUT, 'build/ishmael.sh'), ['build', YAML, ...to], { TZ: zone });
}

const at = (name: string): string => join(folder, 'first', name);

function digests(dir: string): readonly (readonly [string, string])[] {
  return readdirSync(join(folder, dir)).map((name) => {
    const bytes = readFileSync(join(folder, dir, name));
    return [name, createHash('sha256').update(bytes).digest('hex')];
  });
}

it('has the root, and an initrd that finds it, beside one kernel', () => {
  expect(readdirSync(join(folder, 'first')).sort()).toEqual([
    'm-cmdline',
    'm-erofs-initrd.img',
    'm-erofs.img',
    'm-iso-initrd.img',
    'm-kernel',
    'm-sbom.spdx.json',
    'm-squashfs-initrd.img',
    'm-squashfs.img',
    'm.iso',
  ]);
});

it('gives the same bytes again, in another time zone', () => {
  build('second', 'Asia/Kathmandu');
  expect(digests('second')).toEqual(digests('first'));
});

it('keeps owners, modes and devices in a squashfs', () => {
  const lines = run('unsquashfs', ['-lln', at('m-squashfs.img')]).split('\n');
  const line = (path: string): string | undefined =>
    lines.find((text) => text.endsWith(` squashfs-root${path}`));
  expect(line('/etc/owned')).toMatch(/^-rw-r----- 1234\/4321 /);
  expect(line('/dev/console')).toMatch(/^crw------- 0\/0 +5, +1 /);
  expect(line('')).toMatch(/^drwxr-xr-x 0\/0 .* 1970-01-01 /);
  expect(line('/boot/kernel')).toBeUndefined();
});

it('keeps them on an ISO', () => {
  const find = (path: string): string =>
    run('xorriso', ['-indev', at('m.iso'), '-find', path, '-exec', 'lsdl']);
  expect(find('/etc/owned')).toMatch(/^-rw-r----- +1 1234 +4321 /m);
  expect(find('/dev/console')).toMatch(/^crw------- +1 0 +0 +5,1 /m);
});

it('keeps them in EROFS', () => {
  const owned = run('dump.erofs', ['--path=/etc/owned', at('m-erofs.img')]);
  expect(owned).toMatch(/Uid: 1234 +Gid: 4321 +Access: 0640/);
});
