/**
 * Whether an EFI program has the signature of a certain key, as firmware would ask with Secure Boot: PKCS #7 (RFC 2315, 9) in
 * Microsoft's words ("Windows Authenticode Portable Executable Signature Format"). Pure.
 */
import { createHash, type KeyObject, verify } from 'node:crypto';
import { type DerNode, readDer, readNode, TAG } from './der.ts';

/** pkcs-9-at-messageDigest */
const MESSAGE_DIGEST = Buffer.from('2a864886f70d010904', 'hex');

/** WIN_CERT_TYPE_PKCS_SIGNED_DATA (UEFI 2.10, 32.2.4) */
const PKCS7 = 2;

/**
 * @param table the program's table of signatures
 * @param digest of the program (`signedRanges`), SHA-256
 */
export function isSignedBy(key: KeyObject, table: Buffer, digest: Buffer): boolean {
  return signaturesOf(table).some((signature) => {
    try {
      return isGood(key, signature, digest);
    } catch {
      // What cannot be read is no signature.
      return false;
    }
  });
}

/** One behind the other, each filled up to eight bytes. */
function signaturesOf(table: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 8 < table.length;) {
    const length = table.readUInt32LE(at);
    if (length <= 8 || at + length > table.length) break;
    if (table.readUInt16LE(at + 6) === PKCS7) found.push(table.subarray(at + 8, at + length));
    at += Math.ceil(length / 8) * 8;
  }
  return found;
}

function isGood(key: KeyObject, signature: Buffer, digest: Buffer): boolean {
  // ContentInfo: its type, and [0] with SignedData in it.
  const [, wrapped] = readDer(readNode(signature).contents);
  const signed = readDer(only(wrapped, TAG.context0).contents);
  const [version, digests, content, ...rest] = readDer(only(signed[0], TAG.sequence).contents);
  if (version === undefined || digests === undefined) return false;
  const [, statement] = readDer(only(content, TAG.sequence).contents);
  const indirect = readNode(only(statement, TAG.context0).contents);
  if (!statesDigest(indirect, digest)) return false;
  const signers = readDer(only(rest.at(-1), TAG.set).contents);
  return signers.some((signer) => isSigner(key, signer, indirect));
}

/** SpcIndirectDataContent: what it is of, and its digest with the name of how that was made. */
function statesDigest(indirect: DerNode, digest: Buffer): boolean {
  const [, message] = readDer(indirect.contents);
  const [, value] = readDer(only(message, TAG.sequence).contents);
  return only(value, TAG.octets).contents.equals(digest);
}

/** SignerInfo: what is signed are attributes, of which one is the digest of the statement. */
function isSigner(key: KeyObject, signer: DerNode, indirect: DerNode): boolean {
  const fields = readDer(signer.contents);
  const attributes = only(
    fields.find(({ tag }) => tag === TAG.context0),
    TAG.context0,
  );
  const stated = readDer(attributes.contents).some((attribute) => {
    const [type, values] = readDer(attribute.contents);
    if (type?.tag !== TAG.oid || !type.contents.equals(MESSAGE_DIGEST)) return false;
    const value = readNode(only(values, TAG.set).contents);
    return value.contents.equals(createHash('sha256').update(indirect.contents).digest());
  });
  const proof = fields.find(({ tag }) => tag === TAG.octets);
  if (!stated || proof === undefined) return false;
  // They are signed as the set that they are, not as the field.
  const set = Buffer.concat([Buffer.of(TAG.set), attributes.whole.subarray(1)]);
  return verify('sha256', set, key, proof.contents);
}

function only(node: DerNode | undefined, tag: number): DerNode {
  if (node?.tag !== tag) throw new TypeError('This is no signature');
  return node;
}
