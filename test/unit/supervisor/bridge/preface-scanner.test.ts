import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CLIENT_PREFACE,
  createPrefaceScanner,
} from '../../../../supervisor/bridge/preface-scanner.ts';

/** What each conversation received; the first one is what came before any preface. */
function conversations(chunks: readonly string[]): string[] {
  const scanner = createPrefaceScanner();
  const texts = [''];
  for (const chunk of chunks) {
    for (const part of scanner.push(Buffer.from(chunk, 'latin1'))) {
      const text = Buffer.from(part.bytes).toString('latin1');
      if (part.start) texts.push(text);
      else texts.push((texts.pop() ?? '') + text);
    }
  }
  return texts;
}

describe('createPrefaceScanner()', () => {
  test('begins a conversation at each preface of one chunk', () => {
    const chunk = `old${CLIENT_PREFACE}one${CLIENT_PREFACE}${CLIENT_PREFACE}three`;
    expect(conversations([chunk])).toEqual(['old', 'one', '', 'three']);
  });

  test('recognises a preface after its own beginning', () => {
    expect(conversations([`PRI * HTTPRI * PPRI${CLIENT_PREFACE}x`])).toEqual([
      'PRI * HTTPRI * PPRI',
      'x',
    ]);
  });

  test('holds nothing back: a frame that ends like a preface begins is delivered at once', () => {
    const scanner = createPrefaceScanner();
    const parts = scanner.push(Buffer.from('frame PRI'));
    expect(parts.map((part) => Buffer.from(part.bytes).toString())).toEqual(['frame PRI']);
  });

  test('sees every conversation begin, however the bytes are cut', () => {
    const bodies = fc.array(fc.string({ unit: fc.constantFrom('P', 'R', 'I', ' ', 'x') }), {
      maxLength: 4,
    });
    const property = fc.property(bodies, fc.integer({ min: 1, max: 40 }), (texts, size) => {
      const all = texts.map((text) => CLIENT_PREFACE + text).join('');
      const chunks: string[] = [];
      for (let at = 0; at < all.length; at += size) chunks.push(all.slice(at, at + size));
      const got = conversations(chunks).slice(1);
      expect(got).toHaveLength(texts.length);
      // A body may end with the part of the next preface that came before it could be recognised.
      for (const [index, text] of texts.entries()) expect(got[index]?.startsWith(text)).toBe(true);
      expect(got.at(-1)).toBe(texts.at(-1));
    });
    fc.assert(property);
  });

  test('forgets a half-seen preface at an end of file', () => {
    const scanner = createPrefaceScanner();
    scanner.push(Buffer.from(CLIENT_PREFACE.slice(0, 10)));
    scanner.reset();
    expect(scanner.push(Buffer.from(CLIENT_PREFACE.slice(10)))[0]?.start).toBe(false);
  });
});
