/** As much of DER as a signature is written in (X.690). Pure. */

export interface DerNode {
  readonly tag: number;
  /** Of the whole of it, and of what is in it. */
  readonly whole: Buffer;
  readonly contents: Buffer;
}

export class DerError extends Error {
  override readonly name = 'DerError';
}

/** What stands one behind the other. Throws `DerError`. */
export function readDer(bytes: Buffer): readonly DerNode[] {
  const nodes: DerNode[] = [];
  let at = 0;
  while (at < bytes.length) {
    const node = readNode(bytes.subarray(at));
    nodes.push(node);
    at += node.whole.length;
  }
  return nodes;
}

/** The first; what stands behind it is left alone. */
export function readNode(bytes: Buffer): DerNode {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) throw new DerError('A signature ends too early');
  const more = first < 0x80 ? 0 : first & 0x7f;
  if (more > 4 || first === 0x80) throw new DerError('A signature has a part that is too long');
  const length = more === 0 ? first : bytes.subarray(2).readUIntBE(0, more);
  const start = 2 + more;
  if (start + length > bytes.length) throw new DerError('A signature ends too early');
  return {
    tag,
    whole: bytes.subarray(0, start + length),
    contents: bytes.subarray(start, start + length),
  };
}

export const TAG = {
  octets: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  /** [0], of something in it. */
  context0: 0xa0,
} as const;
