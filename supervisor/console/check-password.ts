/** Whether a password is the right one. */
import type { ScryptOptions } from 'node:crypto';
import {
  formatPasswordHash,
  HASH_BYTES,
  HASH_COST,
  memoryOf,
  SALT_BYTES,
} from './password-hash.ts';
import type { PasswordHash } from './password-hash.ts';

/** Takes as long for a wrong password as for the right one. */
export async function isPassword(text: string, known: PasswordHash): Promise<boolean> {
  const { timingSafeEqual } = process.getBuiltinModule('node:crypto');
  return timingSafeEqual(await derive(text, known, known.hash.length), known.hash);
}

/** A new hash of `text`, with a salt of its own. */
export async function hashPassword(text: string): Promise<string> {
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const terms = { ...HASH_COST, salt: randomBytes(SALT_BYTES) };
  return formatPasswordHash({ ...terms, hash: await derive(text, terms, HASH_BYTES) });
}

function derive(
  text: string,
  { ln, r, p, salt }: Omit<PasswordHash, 'hash'>,
  bytes: number,
): Promise<Uint8Array> {
  const { scrypt } = process.getBuiltinModule('node:crypto');
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 2 * memoryOf({ ln, r }) };
  return new Promise((resolve, reject) => {
    // One notation for what looks the same, however the keyboard sends it.
    scrypt(text.normalize('NFC'), salt, bytes, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
