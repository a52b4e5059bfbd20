import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeFrame,
  FrameError,
  FrameSplitter,
} from '../../../../runc-shim/containerd/grpc-frame.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof FrameError) return error.code;
    throw error;
  }
}

describe('FrameSplitter', () => {
  it('finds the messages however they are cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 });
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 20 }), (sent, step) => {
        const stream = Buffer.concat(sent.map(encodeFrame));
        const splitter = new FrameSplitter();
        const found: string[] = [];
        for (let at = 0; at < stream.length; at += step) {
          found.push(...splitter.push(stream.subarray(at, at + step)).map(hex));
        }
        splitter.end();
        expect(found).toEqual(sent.map(hex));
      }),
    );
  });

  it('refuses what is compressed, too long or cut off', () => {
    const frame = (text: string): Uint8Array => Buffer.from(text, 'hex');
    expect(codeOf(() => new FrameSplitter().push(frame('0100000000')))).toBe('compressed');
    expect(codeOf(() => new FrameSplitter().push(frame('00ffffffff')))).toBe('too-long');
    const cut = new FrameSplitter();
    cut.push(frame('000000000261'));
    expect(codeOf(() => cut.end())).toBe('truncated');
  });
});
