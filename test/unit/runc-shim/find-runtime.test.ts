import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRuntime } from '../../../runc-shim/find-runtime.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'find-runtime-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function install(path: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), '');
}

test('findRuntime() is undefined when the root carries none', () => {
  expect(findRuntime(root)).toBeUndefined();
});

test('findRuntime() finds crun where there is no runc', () => {
  install('/usr/bin/crun');
  expect(findRuntime(root)).toBe(join(root, '/usr/bin/crun'));
});

test('findRuntime() takes runc when there are both', () => {
  install('/usr/bin/crun');
  install('/usr/sbin/runc');
  expect(findRuntime(root)).toBe(join(root, '/usr/sbin/runc'));
});
