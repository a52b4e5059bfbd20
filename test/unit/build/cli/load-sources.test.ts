import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { loadSources } from '../../../../build/cli/load-sources.ts';

let dir = '';

beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'load-sources-'))));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

function write(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}

test('loadSources() takes variables from the environment, and --set before it', async () => {
  vi.stubEnv('ISHMAEL_TEST_A', 'env');
  vi.stubEnv('ISHMAEL_TEST_B', 'env');
  const file = write('a.yml', 'a: ${ISHMAEL_TEST_A}\nb: ${ISHMAEL_TEST_B}\nc: ${C}\n');
  const { value } = await loadSources({ file, set: ['ISHMAEL_TEST_B=set', 'C=x=y'] });
  expect(value).toEqual({ a: 'env', b: 'set', c: 'x=y' });
});

test('loadSources() keeps the text of a single file, and renders several', async () => {
  const file = write('a.yml', '# comment\ninit: [a]\n');
  expect((await loadSources({ file })).yaml).toBe('# comment\ninit: [a]\n');
  const overlays = [write('b.yml', 'init: [b]\n')];
  const { yaml } = await loadSources({ file, overlays });
  expect(parse(yaml)).toEqual({ init: ['a', 'b'] });
});

test('loadSources() names the file that is not there', async () => {
  const file = write('a.yml', 'init: [a]\n');
  await expect(loadSources({ file, overlays: ['/absent/b.yml'] })).rejects.toMatchObject({
    name: 'UsageError',
    message: "There is no file '/absent/b.yml'",
  });
});
