import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { findServerPreface, skipStaleBytes } from '../../../../supervisor/control/resync.ts';

// SETTINGS, one entry: length 6, type 4, flags 0, stream 0; MAX_CONCURRENT_STREAMS (3) = 100.
const SETTINGS = Buffer.from('000006040000000000000300000064', 'hex');
// The end of an earlier conversation: DATA of 13 bytes on stream 5, which has no zero bytes inside.
const STALE = Buffer.concat([
  Buffer.from('00000d000000000005', 'hex'),
  Buffer.from('{"seq":1000}\n'),
]);

describe('findServerPreface()', () => {
  test('finds the first SETTINGS frame of stream 0 behind other frames', () => {
    expect(findServerPreface(SETTINGS)).toBe(0);
    expect(findServerPreface(Buffer.concat([STALE, SETTINGS]))).toBe(STALE.length);
  });

  test('does not take a SETTINGS acknowledgement or DATA for it', () => {
    expect(findServerPreface(Buffer.from('000000040100000000', 'hex'))).toBe(-1);
    expect(findServerPreface(STALE)).toBe(-1);
  });
});

describe('skipStaleBytes()', () => {
  test.each([1, 4, 9, 1000])('begins at the preface, bytes coming %i at a time', async (size) => {
    const wire = new PassThrough();
    const bytes = Buffer.concat([STALE, SETTINGS, STALE]);
    for (let at = 0; at < bytes.length; at += size) wire.write(bytes.subarray(at, at + size));
    wire.end();
    const seen: Buffer[] = [];
    for await (const chunk of skipStaleBytes(wire)) seen.push(chunk as Buffer);
    expect(Buffer.concat(seen)).toEqual(Buffer.concat([SETTINGS, STALE]));
  });
});
