import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeMessage,
  encodeMessage,
  ProtobufError,
} from '../../../../runc-shim/containerd/protobuf.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'hex');

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof ProtobufError) return error.code;
    throw error;
  }
}

describe('encodeMessage()', () => {
  it('writes the examples of the specification', () => {
    expect(hex(encodeMessage([[1, 150]]))).toBe('089601');
    expect(hex(encodeMessage([[2, 'testing']]))).toBe('120774657374696e67');
    expect(hex(encodeMessage([[3, encodeMessage([[1, 150]])]]))).toBe('1a03089601');
    expect(hex(encodeMessage([[1, -2n]]))).toBe('08feffffffffffffffff01');
  });

  it('leaves defaults out, but not entries of a list', () => {
    const none = encodeMessage([
      [1, ''],
      [2, 0],
      [3, false],
      [4, undefined],
      [5, []],
    ]);
    expect(hex(none)).toBe('');
    expect(hex(encodeMessage([[1, ['', 'a']]]))).toBe('0a000a0161');
    // A message that says nothing is another thing than none.
    expect(hex(encodeMessage([[1, new Uint8Array()]]))).toBe('0a00');
  });
});

describe('decodeMessage()', () => {
  it('gives back what encodeMessage() was given', () => {
    const number = fc.integer({ min: 1, max: 2 ** 29 - 1 });
    fc.assert(
      fc.property(number, fc.bigInt(0n, 2n ** 64n - 1n), (field, value) => {
        expect(decodeMessage(encodeMessage([[field, value]])).integer(field)).toBe(value);
      }),
    );
    fc.assert(
      fc.property(number, fc.string({ unit: 'grapheme' }), (field, value) => {
        expect(decodeMessage(encodeMessage([[field, value]])).text(field)).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (values) => {
        const list = values.map((value) => encodeMessage([[7, value]]));
        const back = decodeMessage(encodeMessage([[1, list]])).messages(1);
        expect(back.map((each) => hex(each.bytes(7)))).toEqual(values.map(hex));
      }),
    );
  });

  it('passes over what nobody asks for, of every wire type', () => {
    const message = decodeMessage(bytesOf('0d010000001102000000000000001a01612005'));
    expect([message.integer(1), message.integer(2)]).toEqual([1n, 2n]);
    expect([message.text(3), message.number(4), message.text(9)]).toEqual(['a', 5, '']);
  });

  it('takes the last of a field that is there twice', () => {
    expect(decodeMessage(bytesOf('08010802')).number(1)).toBe(2);
  });

  it.each([
    ['0a05616263', 'truncated'],
    ['08ff', 'truncated'],
    ['0d0100', 'truncated'],
    ['0b', 'malformed'],
    ['0001', 'malformed'],
    ['08ffffffffffffffffffff01', 'malformed'],
  ])('refuses %s as %s', (text, code) => {
    expect(codeOf(() => decodeMessage(bytesOf(text)))).toBe(code);
  });

  it('refuses a field of another type than the one asked for', () => {
    expect(codeOf(() => decodeMessage(bytesOf('0801')).text(1))).toBe('malformed');
    expect(codeOf(() => decodeMessage(bytesOf('0a0161')).number(1))).toBe('malformed');
    expect(codeOf(() => decodeMessage(bytesOf('0801')).messages(1))).toBe('malformed');
  });

  it('answers any bytes with a message or its own error', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        codeOf(() => decodeMessage(bytes));
      }),
    );
  });
});
