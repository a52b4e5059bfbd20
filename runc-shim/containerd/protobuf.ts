/**
 * Protocol Buffers' wire format, as much as containerd's API needs: varints, fixed numbers, and what has a
 * length (strings, bytes, messages). Messages have no schema here: who calls knows the fields by number
 * (messages.ts). Source: protobuf.dev/programming-guides/encoding.
 */

/** Numbers are varints; nothing is written for a default value (`''`, 0, false, `undefined`), as in proto3. */
export type FieldValue = string | Uint8Array | number | bigint | boolean | undefined;

/** A list is a repeated field: one entry for each value, defaults included. */
export type Field = readonly [number: number, value: FieldValue | readonly FieldValue[]];

export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
  readonly code: 'truncated' | 'malformed';

  constructor(code: ProtobufError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** Ten groups of seven bits hold 64. */
const LONGEST_VARINT = 10;

export function encodeMessage(fields: readonly Field[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (isList(value)) value.forEach((each) => parts.push(...encodeField(number, each)));
    else if (!isDefault(value)) parts.push(...encodeField(number, value));
  }
  return Buffer.concat(parts);
}

function isList(value: Field[1]): value is readonly FieldValue[] {
  return Array.isArray(value);
}

function isDefault(value: FieldValue): boolean {
  if (value instanceof Uint8Array) return false;
  return value === undefined || value === '' || value === false || value === 0 || value === 0n;
}

function encodeField(number: number, value: FieldValue): readonly Uint8Array[] {
  if (value === undefined) return [];
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    return [encodeVarint(number * 8 + LENGTH), encodeVarint(bytes.length), bytes];
  }
  return [encodeVarint(number * 8 + VARINT), encodeVarint(value)];
}

function encodeVarint(value: number | bigint | boolean): Uint8Array {
  // Negative numbers are those of 64 bits with the same bits.
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** What a message has under its numbers; of a field that is there several times the last counts, as in proto3. */
export class ProtoMessage {
  private readonly fields: ReadonlyMap<number, readonly (bigint | Uint8Array)[]>;

  constructor(fields: ReadonlyMap<number, readonly (bigint | Uint8Array)[]>) {
    this.fields = fields;
  }

  /** 0 when it is not there. */
  integer(number: number): bigint {
    const value = this.last(number);
    if (value === undefined) return 0n;
    if (typeof value === 'bigint') return value;
    throw new ProtobufError('malformed', `field ${number} is no number`);
  }

  /** The same, for a field of 32 bits. */
  number(number: number): number {
    return Number(BigInt.asUintN(32, this.integer(number)));
  }

  /** Empty when it is not there. */
  bytes(number: number): Uint8Array {
    const value = this.last(number);
    if (value === undefined) return new Uint8Array();
    if (typeof value !== 'bigint') return value;
    throw new ProtobufError('malformed', `field ${number} is a number`);
  }

  text(number: number): string {
    return Buffer.from(this.bytes(number)).toString('utf8');
  }

  /** An empty message when it is not there. */
  message(number: number): ProtoMessage {
    return decodeMessage(this.bytes(number));
  }

  /** All of a repeated field of messages. */
  messages(number: number): readonly ProtoMessage[] {
    return (this.fields.get(number) ?? []).map((value) => {
      if (typeof value !== 'bigint') return decodeMessage(value);
      throw new ProtobufError('malformed', `field ${number} is a number`);
    });
  }

  private last(number: number): bigint | Uint8Array | undefined {
    return this.fields.get(number)?.at(-1);
  }
}

/** Throws `ProtobufError`. What it returns shares the memory of `bytes`. */
export function decodeMessage(bytes: Uint8Array): ProtoMessage {
  const fields = new Map<number, (bigint | Uint8Array)[]>();
  let at = 0;
  while (at < bytes.length) {
    const key = decodeVarint(bytes, at);
    const number = Number(key.value >> 3n);
    const value = decodeValue(bytes, key.end, Number(key.value & 7n));
    if (number === 0) throw new ProtobufError('malformed', 'a field has the number 0');
    fields.set(number, [...(fields.get(number) ?? []), value.value]);
    at = value.end;
  }
  return new ProtoMessage(fields);
}

interface Decoded<T> {
  readonly value: T;
  readonly end: number;
}

function decodeValue(bytes: Uint8Array, at: number, type: number): Decoded<bigint | Uint8Array> {
  switch (type) {
    case VARINT:
      return decodeVarint(bytes, at);
    case FIXED64:
      return { value: view(slice(bytes, at, 8)).getBigUint64(0, true), end: at + 8 };
    case FIXED32:
      return { value: BigInt(view(slice(bytes, at, 4)).getUint32(0, true)), end: at + 4 };
    case LENGTH: {
      const { value: length, end } = decodeVarint(bytes, at);
      const value = slice(bytes, end, Number(length));
      return { value, end: end + value.length };
    }
    default:
      throw new ProtobufError('malformed', `a field has the wire type ${type}`);
  }
}

function decodeVarint(bytes: Uint8Array, at: number): Decoded<bigint> {
  let value = 0n;
  for (let count = 0; count < LONGEST_VARINT; count += 1) {
    const byte = bytes[at + count];
    if (byte === undefined) throw new ProtobufError('truncated', 'a number ends too early');
    value |= BigInt(byte & 0x7f) << BigInt(7 * count);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + count + 1 };
  }
  throw new ProtobufError('malformed', 'a number has more than 64 bits');
}

function slice(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length <= bytes.length) return bytes.subarray(at, at + length);
  throw new ProtobufError('truncated', `${length} bytes announced, ${bytes.length - at} there`);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
