/**
 * The notation of a password's hash, that of the PHC string format: `$scrypt$ln=13,r=8,p=10$SALT$HASH`, salt
 * and hash in base64 without padding. Pure; who computes and compares is check-password.ts.
 */

export interface PasswordHash {
  /** log2 of scrypt's N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/**
 * One of OWASP's equivalent choices for scrypt, the one with the least memory: 8 MiB, because a console has
 * its place on machines with little.
 */
export const HASH_COST = { ln: 13, r: 8, p: 10 } as const;
export const SALT_BYTES = 16;
export const HASH_BYTES = 32;

/** What scrypt needs is 128 · N · r. */
const MAX_MEMORY_BYTES = 16 * 1024 * 1024;
const NOTATION =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

export function memoryOf({ ln, r }: Pick<PasswordHash, 'ln' | 'r'>): number {
  return 128 * 2 ** ln * r;
}

/** `undefined` for anything else, and for what would take a console more memory than it may have. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const match = NOTATION.exec(text);
  if (match === null) return undefined;
  const [, ln = '', r = '', p = '', salt = '', hash = ''] = match;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (cost.ln < 10 || cost.r < 1 || cost.p < 1) return undefined;
  if (memoryOf(cost) > MAX_MEMORY_BYTES) return undefined;
  return { ...cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

export function formatPasswordHash({ ln, r, p, salt, hash }: PasswordHash): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** A text with every hash in it made useless: for copies of the YAML that go where containers can read. */
export function withoutHashes(text: string): string {
  return text.replaceAll(/\$scrypt\$[A-Za-z0-9=,$+/]+/g, '$scrypt$redacted');
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}
