import { describe, expect, test } from 'vitest';
import { hashPassword, isPassword } from '../../../../supervisor/console/check-password.ts';
import {
  formatPasswordHash,
  memoryOf,
  parsePasswordHash,
  withoutHashes,
} from '../../../../supervisor/console/password-hash.ts';

/** `scrypt("pleaseletmein", "SodiumChloride", N=16384, r=8, p=1)`, RFC 7914 section 12, its first 32 bytes. */
const RFC_7914 =
  '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI';

describe('isPassword()', () => {
  test('accepts what RFC 7914 computes, and nothing else', async () => {
    const known = parsePasswordHash(RFC_7914);
    if (known === undefined) throw new Error('not read');
    expect(Buffer.from(known.hash).toString('hex')).toMatch(/^7023bdcb3afd7348461c06cd81fd38eb/);
    expect(await isPassword('pleaseletmein', known)).toBe(true);
    expect(await isPassword('pleaseletmeIn', known)).toBe(false);
    expect(await isPassword('', known)).toBe(false);
  });

  test('accepts the password of a hash of ours, however its accents are composed', async () => {
    const known = parsePasswordHash(await hashPassword('Queequeg é'));
    if (known === undefined) throw new Error('not read');
    expect(await isPassword('Queequeg e\u0301', known)).toBe(true);
    expect(await isPassword('Queequeg e', known)).toBe(false);
    expect(memoryOf(known)).toBe(8 * 1024 * 1024);
  });

  test('has a salt of its own for each', async () => {
    expect(await hashPassword('the same')).not.toBe(await hashPassword('the same'));
  });
});

describe('parsePasswordHash()', () => {
  test('reads what formatPasswordHash() writes', () => {
    const known = parsePasswordHash(RFC_7914);
    expect(known && formatPasswordHash(known)).toBe(RFC_7914);
  });

  test.each([
    'pleaseletmein',
    '',
    '$2b$12$abcdefghijklmnopqrstuv',
    RFC_7914.replace('ln=14', 'ln=15'),
    RFC_7914.replace('ln=14', 'ln=9'),
    RFC_7914.replace('r=8', 'r=99'),
    RFC_7914.replace('p=1', 'p=0'),
    RFC_7914.slice(0, -30),
    `${RFC_7914}\n`,
  ])('refuses %j', (text) => {
    expect(parsePasswordHash(text)).toBeUndefined();
  });
});

test('withoutHashes() leaves nothing of a hash and everything else', () => {
  const text = `a: '${RFC_7914}' # ${RFC_7914}\nb: $scrypt`;
  expect(withoutHashes(text)).toBe("a: '$scrypt$redacted' # $scrypt$redacted\nb: $scrypt");
});
