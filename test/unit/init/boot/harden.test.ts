import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { harden } from '../../../../init/boot/steps/harden.ts';

let root: string;
let limits: unknown[];
const sys = { setLimit: (...args: unknown[]): void => void limits.push(args) };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'harden-'));
  limits = [];
  mkdirSync(`${root}/proc/sys/kernel`, { recursive: true });
  writeFileSync(`${root}/proc/sys/kernel/sysrq`, '438\n');
});

afterEach(() => rmSync(root, { recursive: true }));

it('harden() writes what there is, and says what this kernel has not', () => {
  const sysctls = { 'kernel.yama.ptrace_scope': '2', 'kernel.sysrq': '176' };
  expect(harden(sys, root, { sysctls, coreFiles: true })).toBe(
    'this kernel has no kernel.yama.ptrace_scope',
  );
  expect(readFileSync(`${root}/proc/sys/kernel/sysrq`, 'utf8')).toBe('176');
  expect(limits).toEqual([]);
});

it('harden() takes the other measures when one fails, and throws with its reason', () => {
  mkdirSync(`${root}/proc/sys/kernel/kptr_restrict`);
  const sysctls = { 'kernel.kptr_restrict': '2', 'kernel.sysrq': '176' };
  expect(() => harden(sys, root, { sysctls, coreFiles: false })).toThrow(
    /^kernel\.kptr_restrict: EISDIR/,
  );
  expect(readFileSync(`${root}/proc/sys/kernel/sysrq`, 'utf8')).toBe('176');
  expect(limits).toEqual([['core', 0, 0]]);
});
