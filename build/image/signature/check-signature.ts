/** The rules of `verify` held against images, whether they are about to be pulled or in the store already. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { KeyObject } from 'node:crypto';
import type { VerifyRule } from '../../config/verify-schema.ts';
import { ImageSourceError } from '../image-source-error.ts';
import { type RegistryReference, parseReference } from '../reference.ts';
import { chooseRule } from './choose-rule.ts';
import { fetchSignatures } from './fetch-signatures.ts';
import { fingerprint, readPublicKey, whyInvalid } from './simple-signing.ts';

/** An image of a registry whose digests are known. */
export interface SignedImage {
  /** As the person named it. */
  readonly reference: string;
  /** Where its signatures are looked for. */
  readonly at: RegistryReference;
  readonly digests: readonly string[];
  readonly architecture: string;
}

export interface SignatureCheck {
  /** Whether this image may be used without a look at signatures: no rule, or one that accepts it. */
  isExempt(reference: string): boolean;
  /** Whether one of the keys that the rule asks for is this one. */
  isTrusted(reference: string, verifiedBy: string | undefined): Promise<boolean>;
  /** Resolves with the fingerprint of the key. Rejects with `ImageSourceError` for an image that fails. */
  check(image: SignedImage): Promise<string>;
}

export function createSignatureCheck(
  rules: readonly VerifyRule[],
  progress: (line: string) => void,
): SignatureCheck {
  return {
    isExempt: (reference) => {
      const rule = chooseRule(rules, reference);
      return rule === undefined || rule.unsigned === 'accept';
    },
    isTrusted: async (reference, verifiedBy) => {
      const keys = await keysOf(chooseRule(rules, reference));
      return keys.some(({ key }) => fingerprint(key) === verifiedBy);
    },
    check: (image) => check(image, chooseRule(rules, image.reference), progress),
  };
}

interface NamedKey {
  readonly file: string;
  readonly key: KeyObject;
}

async function keysOf(rule: VerifyRule | undefined): Promise<readonly NamedKey[]> {
  return await Promise.all(
    (rule?.keys ?? []).map(async (file) => {
      const path = file.startsWith('~/') ? join(homedir(), file.slice(2)) : file;
      return { file, key: readPublicKey(await readFile(path, 'utf8'), file) };
    }),
  );
}

async function check(
  { reference, at, digests, architecture }: SignedImage,
  rule: VerifyRule | undefined,
  progress: (line: string) => void,
): Promise<string> {
  const reject = (why: string): ImageSourceError =>
    new ImageSourceError('rejected', reference, `${why} (verify)`);
  if (rule?.unsigned === 'reject') throw reject('images like it are not to be used');
  const keys = await keysOf(rule);
  const asked = parseReference(rule?.signedAs ?? reference);
  if (asked === undefined) throw reject(`"${rule?.signedAs}" is no repository`);
  const claim = { digests, repository: `${asked.registry}/${asked.repository}` };
  const reasons: string[] = [];
  for (const digest of new Set(digests)) {
    const transfer = { source: `the signatures of ${reference}`, progress };
    for (const signature of await fetchSignatures(at, digest, architecture, transfer)) {
      const answers = keys.map(({ key }) => whyInvalid(signature, key, claim));
      const valid = keys[answers.indexOf(undefined)];
      if (valid !== undefined) return fingerprint(valid.key);
      // What a known key says about another image is more to the point than that a key is unknown.
      reasons.push(answers.find((answer) => answer !== 'it is of another key') ?? answers[0] ?? '');
    }
  }
  const names = keys.map(({ file }) => file).join(', ');
  if (reasons.length === 0) throw reject(`it is not signed, and must be with ${names}`);
  throw reject(`no signature holds for ${names}: ${[...new Set(reasons)].join('; ')}`);
}
