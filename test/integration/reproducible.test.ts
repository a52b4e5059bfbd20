/**
 * The same YAML gives the same bytes: built twice from different directories, with nothing compressed yet,
 * under different umasks, time zones and locales; and once more when everything is in the cache.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheDir } from '../../build/cache-dir.ts';

const CHECKOUT = resolve(import.meta.dirname, '../..');
const ISHMAEL = join(CHECKOUT, 'build/ishmael.sh');
const EXAMPLE = join(CHECKOUT, 'examples/redis.yml');
const SUPERVISED = join(CHECKOUT, 'examples/supervised.yml');
const COMPONENTS = ['kernel', 'init', 'runc', 'dhcpcd', 'redis'];

/** On a machine that never did it, fetching and unpacking packages. */
const COMPONENTS_LIMIT_MS = 900_000;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ishmael-repeat-'));
  run(folder, {}, 'components', 'build', ...COMPONENTS);
}, COMPONENTS_LIMIT_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(cwd: string, env: Readonly<Record<string, string>>, ...args: string[]): void {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'umask $UMASK; exec "$@"', '-', ISHMAEL, ...args],
    {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, UMASK: '022', ...env },
    },
  );
  if (status !== 0) throw new Error(`ishmael ${args.join(' ')} exited ${status}: ${stderr}`);
}

/** A cache with the component images of the real one, in which nothing has been compressed yet. */
function coldCache(name: string): string {
  const cache = join(folder, name);
  mkdirSync(join(cache, 'ishmael'), { recursive: true });
  for (const entry of readdirSync(cacheDir())) {
    if (entry !== 'initrd') symlinkSync(join(cacheDir(), entry), join(cache, 'ishmael', entry));
  }
  return cache;
}

/** Builds the example in a directory of its own and returns each output's name and digest. */
function build(directory: string, env: Readonly<Record<string, string>>): [string, string][] {
  const cwd = join(folder, directory);
  mkdirSync(cwd);
  run(cwd, env, 'build', EXAMPLE, '--quick');
  return readdirSync(cwd).map((file) => [
    file,
    createHash('sha256')
      .update(readFileSync(join(cwd, file)))
      .digest('hex'),
  ]);
}

it('a second build gives the same bytes, whatever surrounds it', () => {
  const first = build('here', { XDG_CACHE_HOME: coldCache('cold'), TZ: 'UTC', LANG: 'C' });
  const elsewhere = {
    XDG_CACHE_HOME: coldCache('cold-too'),
    TZ: 'Pacific/Auckland',
    LANG: 'de_DE.UTF-8',
    UMASK: '077',
  };
  expect(first.map(([file]) => file)).toEqual([
    'redis-cmdline',
    'redis-initrd.img',
    'redis-kernel',
    'redis-sbom.spdx.json',
  ]);
  expect(build('elsewhere', elsewhere)).toEqual(first);
  // Each of the two has compressed the root, the modules and both containers for itself.
  for (const cache of ['cold', 'cold-too']) {
    const made = readdirSync(join(folder, cache, 'ishmael/initrd'));
    expect(made.filter((name) => name.endsWith('.cpio.zst'))).toHaveLength(4);
  }
  expect(build('elsewhere, warm', elsewhere)).toEqual(first);
});

it('the other example is built as well', () => {
  const cwd = join(folder, 'supervised');
  mkdirSync(cwd);
  run(cwd, {}, 'build', SUPERVISED, '--quick');
  expect(readdirSync(cwd)).toEqual([
    'supervised-cmdline',
    'supervised-initrd.img',
    'supervised-kernel',
    'supervised-sbom.spdx.json',
  ]);
});
