import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  fingerprint,
  PublicKeyError,
  readPublicKey,
  type Signature,
  whyInvalid,
} from '../../../../../build/image/signature/simple-signing.ts';

const DIGEST = `sha256:${'7'.repeat(64)}`;
const CLAIM = { digests: [`sha256:${'8'.repeat(64)}`, DIGEST], repository: 'docker.io/library/a' };

const PAIRS = {
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ed25519: generateKeyPairSync('ed25519'),
};

function payload(digest: string, repository: string): Buffer {
  const critical = {
    type: 'cosign container image signature',
    identity: { 'docker-reference': repository },
    image: { 'docker-manifest-digest': digest },
  };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}

function signed(text: Buffer, key: KeyObject): Signature {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return { payload: text, signature: sign(algorithm, text, key) };
}

describe('whyInvalid()', () => {
  test.each(Object.entries(PAIRS))('accepts a signature of a key of %s', (_, pair) => {
    const signature = signed(payload(DIGEST, 'index.docker.io/library/a'), pair.privateKey);
    expect(whyInvalid(signature, pair.publicKey, CLAIM)).toBeUndefined();
    const other = PAIRS.ec === pair ? PAIRS.rsa : PAIRS.ec;
    expect(whyInvalid(signature, other.publicKey, CLAIM)).toBe('it is of another key');
  });

  test('refuses a payload that was changed by one bit', () => {
    const signature = signed(payload(DIGEST, 'a'), PAIRS.ec.privateKey);
    for (let bit = 0; bit < signature.payload.length * 8; bit += 37) {
      const changed = Buffer.from(signature.payload);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(whyInvalid({ ...signature, payload: changed }, PAIRS.ec.publicKey, CLAIM)).toBe(
        'it is of another key',
      );
    }
  });

  test.each([
    ['another image', payload(`sha256:${'9'.repeat(64)}`, 'a'), /^it is for sha256:999/u],
    ['another repository', payload(DIGEST, 'evil/a'), /^it is for evil\/a$/u],
    ['no repository', payload(DIGEST, ''), /^it is for $/u],
    ['something else', Buffer.from('{"critical": 1}'), /no statement/u],
    ['no JSON', Buffer.from('yes'), /no statement/u],
  ])('refuses a good signature for %s', (_, text, why) => {
    const { privateKey, publicKey } = PAIRS.ec;
    expect(whyInvalid(signed(text, privateKey), publicKey, CLAIM)).toMatch(why);
  });

  test('refuses what is no signature at all', () => {
    const text = payload(DIGEST, 'a');
    for (const { publicKey } of Object.values(PAIRS)) {
      const nothing = { payload: text, signature: Buffer.from('none') };
      expect(whyInvalid(nothing, publicKey, CLAIM)).toBe('it is of another key');
    }
  });
});

test('readPublicKey() takes PEM, and the fingerprint is that of the key', () => {
  const pem = PAIRS.ec.publicKey.export({ type: 'spki', format: 'pem' });
  const spaced = `a comment\n${pem}\n\n`;
  expect(fingerprint(readPublicKey(spaced, 'x'))).toBe(fingerprint(PAIRS.ec.publicKey));
  expect(fingerprint(PAIRS.ec.publicKey)).not.toBe(fingerprint(PAIRS.rsa.publicKey));
  expect(() => readPublicKey('no key', 'keys/x.pub')).toThrow(PublicKeyError);
  expect(() => readPublicKey('no key', 'keys/x.pub')).toThrow('keys/x.pub');
});
