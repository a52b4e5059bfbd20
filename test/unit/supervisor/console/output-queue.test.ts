import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createOutputQueue,
  type OutputQueue,
} from '../../../../supervisor/console/output-queue.ts';

/** Everything that is left, in pieces of `size`. */
function drain(queue: OutputQueue, size = 1024): string {
  const pieces: Uint8Array[] = [];
  for (let piece = queue.peek(size); piece.length > 0; piece = queue.peek(size)) {
    pieces.push(piece);
    queue.consume(piece.length);
  }
  return Buffer.concat(pieces).toString();
}

describe('createOutputQueue()', () => {
  test('gives everything in order while it fits', () => {
    const queue = createOutputQueue(100);
    queue.push('one\n');
    queue.push('two\n');
    expect(drain(queue, 3)).toBe('one\ntwo\n');
    expect(queue.bytes).toBe(0);
  });

  test('drops the oldest whole lines and says how many', () => {
    const queue = createOutputQueue(10);
    for (const text of ['aaaa\n', 'bbbb\n', 'cccc\n', 'dddd\n']) queue.push(text);
    expect(drain(queue)).toBe('\r[2 lines were dropped: the terminal is too slow]\ncccc\ndddd\n');
  });

  test('finishes a line that has begun before it tells of the lines dropped after it', () => {
    const queue = createOutputQueue(10);
    queue.push('aaaa\n');
    queue.peek(2);
    queue.consume(2);
    for (const text of ['bbbb\n', 'cccc\n']) queue.push(text);
    expect(drain(queue)).toBe('aa\n\r[1 line was dropped: the terminal is too slow]\ncccc\n');
  });

  test('keeps the beginning of nothing when cleared', () => {
    const queue = createOutputQueue(100);
    queue.push('aaaa\n');
    queue.push('bbbb\n');
    queue.peek(2);
    queue.consume(2);
    queue.clear();
    expect(drain(queue)).toBe('aa\n');
  });

  test('stays bounded and counts its bytes, whatever is pushed and taken', () => {
    const step = fc.oneof(
      fc.string({ maxLength: 30 }).map((text) => ({ push: `${text}\n` })),
      fc.integer({ min: 1, max: 20 }).map((take) => ({ take })),
    );
    const property = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = createOutputQueue(100);
      for (const one of steps) {
        if ('push' in one) queue.push(one.push);
        else queue.consume(queue.peek(one.take).length);
        // One line that has begun, one notice, and the limit.
        expect(queue.bytes).toBeLessThanOrEqual(100 + 91 + 60);
      }
      const { bytes } = queue;
      expect(Buffer.byteLength(drain(queue))).toBeGreaterThanOrEqual(bytes);
      expect(queue.bytes).toBe(0);
    });
    fc.assert(property);
  });
});
