import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contentOf,
  encodeFrame,
  FLAG,
  type Frame,
  FRAME,
  FrameReader,
  numberOf,
  settingsOf,
} from '../../../../runc-shim/http2/frame.ts';

const PROTOCOL: unknown = expect.objectContaining({ code: 'protocol' });

function only(type: number, flags: number, payload: readonly number[]): Frame {
  return { type, flags, stream: 1, payload: Buffer.from(payload) };
}

it('reads the same frames however they arrive', () => {
  const bytes = Buffer.concat([
    encodeFrame(FRAME.settings, 0, 0),
    encodeFrame(FRAME.data, FLAG.endStream, 2 ** 31 - 1, Buffer.alloc(16_384, 'x')),
    encodeFrame(FRAME.ping, 0, 0, Buffer.from('12345678')),
  ]);
  const whole = [...new FrameReader().push(bytes)];
  expect(whole.map(({ type, stream, payload }) => [type, stream, payload.length])).toEqual([
    [FRAME.settings, 0, 0],
    [FRAME.data, 2 ** 31 - 1, 16_384],
    [FRAME.ping, 0, 8],
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: bytes.length - 1 })), (cuts) => {
      const at = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
      const reader = new FrameReader();
      const read = at.flatMap((from, index) => [
        ...reader.push(bytes.subarray(from, at[index + 1] ?? from)),
      ]);
      expect(read).toEqual(whole);
    }),
  );
});

describe('a server that does not speak HTTP/2', () => {
  it.each([
    ['HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['no settings', encodeFrame(FRAME.ping, 0, 0, Buffer.alloc(8)).toString('latin1')],
    ['no settings, of which the end never comes', '\0\u0001\0\u0006\0\0\0\0\0'],
  ])('is known at once: %s', (_what, text) => {
    expect(() => [...new FrameReader().push(Buffer.from(text, 'latin1'))]).toThrow(PROTOCOL);
  });

  it('is known by frames that are too long', () => {
    const reader = new FrameReader();
    expect([...reader.push(encodeFrame(FRAME.settings, 0, 0))]).toHaveLength(1);
    expect(() => [...reader.push(Buffer.from('004001000000000001', 'hex'))]).toThrow(PROTOCOL);
  });
});

describe('contentOf', () => {
  it('is without padding and priorities', () => {
    expect([...contentOf(only(FRAME.data, 0, [1, 2]))]).toEqual([1, 2]);
    expect([...contentOf(only(FRAME.data, FLAG.padded, [2, 7, 8, 0, 0]))]).toEqual([7, 8]);
    const both = FLAG.padded | FLAG.priority;
    expect([...contentOf(only(FRAME.headers, both, [1, 0, 0, 0, 0, 9, 7, 0]))]).toEqual([7]);
    expect([...contentOf(only(FRAME.headers, FLAG.priority, [0, 0, 0, 0, 9]))]).toEqual([]);
  });

  it.each([
    ['more padding than there is', only(FRAME.data, FLAG.padded, [5, 1])],
    ['no length of the padding', only(FRAME.data, FLAG.padded, [])],
    ['half a priority', only(FRAME.headers, FLAG.priority, [0, 0])],
  ])('throws for %s', (_what, frame) => {
    expect(() => contentOf(frame)).toThrow(PROTOCOL);
  });
});

it('reads settings and numbers, and throws for parts of them', () => {
  const settings = only(FRAME.settings, 0, [0, 3, 0, 0, 0, 1, 0, 3, 0, 0, 1, 0]);
  expect([...settingsOf(settings)]).toEqual([[3, 256]]);
  expect(() => settingsOf(only(FRAME.settings, 0, [0, 3]))).toThrow(PROTOCOL);
  expect(numberOf(only(FRAME.goAway, 0, [0, 0, 0, 0, 0, 0, 0, 9]), 4)).toBe(9);
  expect(() => numberOf(only(FRAME.reset, 0, [0, 0, 0]))).toThrow(PROTOCOL);
});
