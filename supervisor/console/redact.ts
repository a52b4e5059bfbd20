/**
 * Takes out of a text what looks like a secret, for what leaves the machine. Pure. It knows the usual notations
 * and no more: what a program writes about its secrets in its own way stays, so a person reads before sending.
 */

const NAMES =
  'passw(?:or)?d|passphrase|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|cookie';

const RULES: readonly (readonly [what: RegExp, instead: string])[] = [
  [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    '[redacted private key]',
  ],
  // Hashes of crypt(5) and of PHC: they can be guessed at leisure.
  [/\$(?:1|2[abxy]|5|6|7|y|gy|scrypt|argon2\w*|pbkdf2[\w-]*)\$[\w./,=+$-]{8,}/g, '[redacted hash]'],
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, '[redacted token]'],
  [
    /\b(authorization["']?\s*[:=]\s*["']?)(?:(?:basic|bearer|digest)\s+)?[^\s"',]+/gi,
    '$1[redacted]',
  ],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]'],
  // user:password@ of a URL.
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/@]+@/gi, '$1:[redacted]@'],
  [
    new RegExp(`((?:${NAMES})\\w*["']?\\s*[=:]\\s*)(?:"[^"]*"|'[^']*'|[^\\s,;&"']+)`, 'gi'),
    '$1[redacted]',
  ],
  [new RegExp(`(--(?:[\\w-]*-)?(?:${NAMES}))(\\s+)[^\\s-]\\S*`, 'gi'), '$1$2[redacted]'],
];

const NAMED = new RegExp(NAMES, 'i');

export function redactText(text: string): string {
  return RULES.reduce((rest, [what, instead]) => rest.replaceAll(what, instead), text);
}

/** The same for every text inside a value of JSON; what stands under a name for secrets goes as a whole. */
export function redact(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return NAMED.test(name) ? '[redacted]' : redactText(value);
  if (Array.isArray(value)) return value.map((item) => redact(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(inner, key)]));
}
