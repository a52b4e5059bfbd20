/**
 * One signature as cosign keeps it: a payload in the "simple signing" form (containers/image,
 * containers-signature(5)) that names a digest and a repository, and a signature of exactly these bytes.
 * Pure but for the arithmetic.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { parseReference } from '../reference.ts';

export interface Signature {
  readonly payload: Buffer;
  readonly signature: Buffer;
}

/** What a signature has to be for. */
export interface Claim {
  /** Any of them: of the index, or of the manifest for the platform. */
  readonly digests: readonly string[];
  /** `registry/repository`. */
  readonly repository: string;
}

const payloadSchema = z.object({
  critical: z.object({
    type: z.string(),
    identity: z.object({ 'docker-reference': z.string() }),
    image: z.object({ 'docker-manifest-digest': z.string() }),
  }),
});

export class PublicKeyError extends Error {
  override readonly name = 'PublicKeyError';
}

/** Throws `PublicKeyError`, which names the file. */
export function readPublicKey(pem: string, file: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new PublicKeyError(`Cannot use ${file}: it holds no public key (PEM)`, { cause });
  }
}

/** Of the key itself, whatever its file looks like. */
export function fingerprint(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return `sha256:${createHash('sha256').update(der).digest('hex')}`;
}

/** Why a signature does not hold for a claim; `undefined` when it does. The payload is read only then. */
export function whyInvalid(
  { payload, signature }: Signature,
  key: KeyObject,
  claim: Claim,
): string | undefined {
  if (!isSignedBy(key, payload, signature)) return 'it is of another key';
  const parsed = payloadSchema.safeParse(jsonOf(payload));
  if (!parsed.success) return 'what it signs is no statement about an image';
  const { identity, image } = parsed.data.critical;
  const digest = image['docker-manifest-digest'];
  if (!claim.digests.includes(digest)) return `it is for ${digest}`;
  const signedName = parseReference(identity['docker-reference']);
  const repository = signedName && `${signedName.registry}/${signedName.repository}`;
  return repository === claim.repository ? undefined : `it is for ${identity['docker-reference']}`;
}

function isSignedBy(key: KeyObject, payload: Buffer, signature: Buffer): boolean {
  // Edwards curves hash by themselves.
  const algorithm = key.asymmetricKeyType?.startsWith('ed') === true ? null : 'sha256';
  try {
    return verify(algorithm, payload, key, signature);
  } catch {
    // A signature of another form than the key's is no signature of this key.
    return false;
  }
}

function jsonOf(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch {
    // No JSON: the schema says no.
    return undefined;
  }
}
