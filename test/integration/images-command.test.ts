/** `ishmael images` as people call it, on a store of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { dispatch } from '../../build/cli/dispatch.ts';
import { describeFailure } from '../../build/cli/report-failure.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { skopeoCopy, writeLayout } from '../support/test-images.ts';

const CACHE = process.env['XDG_CACHE_HOME'];

let scratch: string;
let registry: Registry;
let digest: string;
let blobs: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ishmael-images-command-'));
  registry = await startRegistry();
  const layout = join(scratch, 'layout');
  digest = await writeLayout(layout, 'one', { layers: [{ 'bin/app': 'first' }] });
  skopeoCopy(`oci:${layout}:one`, `docker://${registry.host}/app:1`);
  process.env['XDG_CACHE_HOME'] = join(scratch, 'cache');
  blobs = join(scratch, 'cache/ishmael/images/blobs/sha256');
});
afterAll(async () => {
  if (CACHE === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = CACHE;
  await registry.stop();
  rmSync(scratch, { recursive: true });
});

/** In this process: the program itself takes longer to start than all of this. */
async function images(...args: readonly string[]): Promise<Outcome> {
  const said = { out: '', err: '' };
  const into = (name: 'out' | 'err') => (text: unknown) => {
    said[name] += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(into('out'));
  vi.spyOn(process.stderr, 'write').mockImplementation(into('err'));
  try {
    return { code: await dispatch(['images', ...args]), ...said };
  } catch (error) {
    const { exitCode, text } = describeFailure(error);
    return { code: exitCode, out: said.out, err: text };
  } finally {
    vi.restoreAllMocks();
  }
}

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function names(): Promise<readonly string[]> {
  const { out } = await images('ls', '--json');
  return (JSON.parse(out) as { name: string }[]).map(({ name }) => name);
}

describe('ishmael images', () => {
  test('pulls, lists and inspects', async () => {
    const name = `${registry.host}/app:1`;
    expect((await images('ls')).out).toMatch(/^NAME +DIGEST[^\n]*\n$/u);
    const pulled = await images('pull', name);
    expect(pulled).toMatchObject({ code: 0, out: `${digest}\n` });
    expect(pulled.err).toContain(`pulling ${name}`);
    expect(await names()).toEqual([name]);
    expect((await images('inspect', digest.slice(0, 20))).out).toContain(
      `digest:       ${digest}\n`,
    );
    expect(JSON.parse((await images('inspect', name, '--json')).out)).toMatchObject({
      name,
      origin: { source: name, digest },
      config: { entrypoint: ['/bin/app'] },
    });
  });

  test.each([
    ['oci-archive:', 'out.tar', ''],
    ['', 'plain.tar', ''],
    ['docker-archive:', 'docker.tar', ''],
    ['oci:', 'folder', ':here'],
  ])('exports to %s%s what it and skopeo can read again', async (transport, file, tag) => {
    const path = join(scratch, file);
    const destination = `${transport}${path}${tag}`;
    expect(await images('export', `${registry.host}/app:1`, destination)).toMatchObject({
      code: 0,
    });
    expect(existsSync(path)).toBe(true);
    const read = execFileSync(
      'skopeo',
      ['inspect', '--config', `${transport === '' ? 'oci-archive:' : transport}${path}`],
      { encoding: 'utf8' },
    );
    expect(JSON.parse(read)).toMatchObject({ config: { Entrypoint: ['/bin/app'] } });
    const name = `again/${file}:1`;
    expect(await images('import', path, '--name', name)).toMatchObject({ code: 0 });
    expect(await names()).toContain(name);
  });

  test('refuses files that hold no image, and images that are not there', async () => {
    writeFileSync(join(scratch, 'text'), 'no archive');
    mkdirSync(join(scratch, 'empty'));
    expect((await images('import', join(scratch, 'text'), '--name', 'x')).code).toBe(2);
    expect((await images('import', join(scratch, 'empty'), '--name', 'x')).code).toBe(1);
    const { code, err } = await images('inspect', 'ghost');
    expect([code, err]).toEqual([1, expect.stringContaining("no image 'ghost'")]);
    expect((await images('rm', 'again/folder:1', 'ghost')).code).toBe(1);
    expect(await names()).toContain('again/folder:1');
  });

  test('removes names, then what no name leads to', async () => {
    expect((await images('rm', 'again/docker.tar:1')).out).toBe('removed again/docker.tar:1\n');
    expect(await names()).not.toContain('again/docker.tar:1');
    const before = readdirSync(blobs).length;
    expect((await images('prune')).out).toMatch(/ freed\n$/u);
    // What gzip made of the layer went with the archive of Docker; the others share theirs.
    expect(readdirSync(blobs).length).toBeLessThan(before);
    expect((await images('inspect', `${registry.host}/app:1`)).code).toBe(0);
    expect((await images('prune', '--all', '--json')).code).toBe(0);
    expect([await names(), readdirSync(blobs)]).toEqual([[], []]);
  });
});
