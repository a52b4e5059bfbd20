import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildInitBinary } from '../../build/binary/build-init-binary.ts';

let binary: string;

beforeAll(async () => {
  binary = await buildInitBinary();
});

interface Outcome {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function runBinary(args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    // An init that did not notice where it is would not come back by itself.
    execFile(binary, args, { env: {}, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

describe('dist/ishmael-init', () => {
  it('does nothing and says so with a pid other than 1', async () => {
    const { code, stdout, stderr } = await runBinary([]);
    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe('');
    // One line, and with it the proof that V8 took the code cache: Node warns here when it does not.
    expect(stderr).toMatch(/^ishmael: .+\n$/);
  });

  it('treats words of a kernel command line that are no applet the same way', async () => {
    expect((await runBinary(['quiet', '--', 'single'])).code).toBeGreaterThan(0);
  });
});

describe('buildInitBinary()', () => {
  it('builds once for two calls at the same time', async () => {
    expect(await Promise.all([buildInitBinary(), buildInitBinary()])).toEqual([binary, binary]);
  });

  it('leaves the file alone when no input changed', async () => {
    const lines: string[] = [];
    const before = await stat(binary);
    await buildInitBinary((line) => lines.push(line));
    expect((await stat(binary)).mtimeMs).toBe(before.mtimeMs);
    expect(lines).toEqual([]);
  });
});
