import { describe, expect, it } from 'vitest';
import { readSessionRequest } from '../../../../supervisor/exec/exec-shapes.ts';
import { byteSource, CutShortError } from '../../../../supervisor/update/byte-source.ts';
import { readUpdateParts } from '../../../../supervisor/update/update-shapes.ts';

const PART = { bytes: 5, sha256: 'a'.repeat(64) };

describe('what an update is told', () => {
  it('is a kernel, and perhaps a root', () => {
    expect(readUpdateParts({ kernel: PART, more: 1 })).toEqual({ kernel: PART });
    expect(readUpdateParts({ kernel: PART, root: PART })).toEqual({ kernel: PART, root: PART });
    expect(readSessionRequest({ update: { kernel: PART } })).toEqual({ update: { kernel: PART } });
  });

  it.each([
    undefined,
    null,
    {},
    { root: PART },
    { kernel: {} },
    { kernel: { ...PART, bytes: 0 } },
    { kernel: { ...PART, bytes: -1 } },
    { kernel: { ...PART, bytes: 1.5 } },
    { kernel: { ...PART, sha256: 'A'.repeat(64) } },
    { kernel: PART, root: 5 },
  ])('is not %j', (value) => {
    expect(readUpdateParts(value)).toBeUndefined();
    expect(readSessionRequest({ update: value })).toContain('"kernel"');
  });
});

describe('byteSource()', () => {
  async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield await Promise.resolve(Buffer.from(text));
  }

  it('hands on as many as are wanted, however they come', async () => {
    const source = byteSource(pieces('abc', 'd', '', 'efgh'));
    const taken: string[] = [];
    const take = (bytes: number): Promise<void> =>
      source.take(bytes, (piece) => {
        taken.push(Buffer.from(piece).toString());
        return Promise.resolve();
      });
    await take(2);
    await take(4);
    expect(taken.join('')).toBe('abcdef');
    await expect(take(3)).rejects.toThrow(CutShortError);
  });
});
