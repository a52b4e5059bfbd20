import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConsolePolicy } from '../../../../supervisor/console/policy.ts';
import { readPolicy } from '../../../../supervisor/console/read-policy.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ishmael-policy-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function read(manifest: string, cmdline = 'console=ttyS0\n'): ConsolePolicy {
  const paths = [join(directory, 'manifest.json'), join(directory, 'cmdline')] as const;
  writeFileSync(paths[0], manifest);
  writeFileSync(paths[1], cmdline);
  return readPolicy(...paths);
}

const MANIFEST = {
  version: 1,
  name: 'm',
  panicTimeout: 10,
  onboot: [],
  services: [],
  onshutdown: [],
};

describe('readPolicy()', () => {
  test('is what the image says', () => {
    const console: ConsolePolicy = { mode: 'control', password: '$scrypt$', quiet: false };
    expect(read(JSON.stringify({ ...MANIFEST, console }))).toEqual(console);
  });

  test.each([JSON.stringify(MANIFEST), 'no json', ''])('only lets look with %j', (manifest) => {
    expect(read(manifest)).toEqual({ mode: 'status', quiet: false });
  });

  test('is quiet for one boot when the kernel command line says so', () => {
    const manifest = JSON.stringify(MANIFEST);
    expect(read(manifest, 'a ishmael.quiet b\n').quiet).toBe(true);
    expect(read(manifest, 'quiet ishmael.quieter\n').quiet).toBe(false);
  });

  test('needs none of the files', () => {
    expect(readPolicy(join(directory, 'x'), join(directory, 'y'))).toEqual({
      mode: 'status',
      quiet: false,
    });
  });
});
