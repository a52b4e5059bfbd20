import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { namesIfThere, textIfThere } from '../../../sys/if-there.ts';

it('reads what is there, and throws for all but what is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ishmael-if-there-'));
  try {
    writeFileSync(join(folder, 'file'), 'text\n');
    expect(textIfThere(join(folder, 'file'))).toBe('text\n');
    expect(namesIfThere(folder)).toEqual(['file']);
    expect(textIfThere(join(folder, 'none'))).toBeUndefined();
    expect(namesIfThere(join(folder, 'none'))).toBeUndefined();
    expect(() => textIfThere(folder)).toThrow('EISDIR');
    expect(() => namesIfThere(join(folder, 'file'))).toThrow('ENOTDIR');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
