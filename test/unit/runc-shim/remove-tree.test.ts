import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeTree } from '../../../runc-shim/remove-tree.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'remove-tree-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

describe('removeTree()', () => {
  it('removes all that is in a directory, but not what its links point at', () => {
    mkdirSync(join(dir, 'kept'));
    writeFileSync(join(dir, 'kept/file'), '');
    mkdirSync(join(dir, 'tree/deep/deeper'), { recursive: true });
    writeFileSync(join(dir, 'tree/deep/file'), 'x');
    symlinkSync(join(dir, 'kept'), join(dir, 'tree/link'));
    symlinkSync('nowhere', join(dir, 'tree/deep/broken'));
    removeTree(join(dir, 'tree'));
    expect(existsSync(join(dir, 'tree'))).toBe(false);
    expect(existsSync(join(dir, 'kept/file'))).toBe(true);
  });

  it('has nothing to do where there is nothing', () => {
    expect(() => removeTree(join(dir, 'absent'))).not.toThrow();
  });

  it('names the errno and the call that failed', () => {
    writeFileSync(join(dir, 'file'), '');
    expect(() => removeTree(join(dir, 'file'))).toThrow(
      expect.objectContaining({ code: 'ENOTDIR', syscall: 'scandir' }),
    );
  });
});
