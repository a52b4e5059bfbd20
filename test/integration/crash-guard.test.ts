/**
 * The guard in a process that is not PID 1: what it executes in its place is `env`, which prints the
 * environment it was given. The same file run by an arm64 Node under qemu-aarch64 gives the same.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const CHILD = join(import.meta.dirname, 'crash-guard-child.ts');

function afterDying(how: string, ...files: string[]): Promise<string> {
  const flags = ['--disable-warning=ExperimentalWarning', '--max-old-space-size=32'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...flags, CHILD, how, ...files], (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}

describe('a guarded process', () => {
  it.each(['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'])(
    'executes what it was told to on %s, and only with the environment for it',
    async (signal) => {
      expect(await afterDying(signal)).toBe(`DIED_OF=${signal}\n`);
    },
  );

  it('writes "1" before to what is marked, and to nothing else', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'marked-'));
    const files = ['first', 'second', 'third'].map((name) => join(directory, name));
    try {
      expect(await afterDying('SIGSEGV', ...files)).toBe('DIED_OF=SIGSEGV\n');
      expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(['', '', '1']);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('does so when it aborts', async () => {
    expect(await afterDying('abort')).toContain('DIED_OF=SIGABRT\n');
  });

  it('does so when V8 runs out of memory', async () => {
    expect(await afterDying('memory')).toMatch(/DIED_OF=SIG(ABRT|TRAP|ILL)\n$/);
  });
});
