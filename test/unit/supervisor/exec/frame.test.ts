import { assert, integer, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CLIENT_PREFACE,
  createPrefaceScanner,
} from '../../../../supervisor/bridge/preface-scanner.ts';
import {
  createFrameSplitter,
  decodeJson,
  encodeFrames,
  encodeJson,
  type Frame,
  FRAME,
  FrameError,
  MAX_FRAME_BYTES,
} from '../../../../supervisor/exec/frame.ts';

/** The bytes of all frames, one after another. */
function joined(frames: readonly Frame[]): string {
  return Buffer.concat(frames.map(({ bytes }) => bytes)).toString('latin1');
}

describe('createFrameSplitter()', () => {
  it('gives back what was encoded, however it was cut on its way', () => {
    assert(
      property(uint8Array({ maxLength: 300 }), integer({ min: 1, max: 20 }), (bytes, cut) => {
        const sent = Buffer.concat([
          encodeFrames('stdin', bytes),
          encodeFrames('stdin', Buffer.of()),
        ]);
        const split = createFrameSplitter();
        const frames: { name: string; text: string }[] = [];
        for (let at = 0; at < sent.length; at += cut) {
          for (const { name, bytes: part } of split(sent.subarray(at, at + cut))) {
            frames.push({ name, text: Buffer.from(part).toString('latin1') });
          }
        }
        expect(frames.map(({ text }) => text).join('')).toBe(Buffer.from(bytes).toString('latin1'));
        expect(frames.at(-1)).toEqual({ name: 'stdin', text: '' });
      }),
    );
  });

  it('refuses a type nobody has, and a frame that is too long, before it has come', () => {
    expect(() => createFrameSplitter()(Buffer.from([99, 0, 0, 0]))).toThrow(FrameError);
    expect(() => createFrameSplitter()(Buffer.from([FRAME.stdin, 1, 0, 1]))).toThrow(FrameError);
    expect(createFrameSplitter()(Buffer.from([FRAME.stdin, 1, 0, 0]))).toEqual([]);
  });
});

describe('encodeFrames()', () => {
  it('cuts what is too long for one frame', () => {
    const bytes = Buffer.alloc(2 * MAX_FRAME_BYTES + 1, 'x');
    const frames = createFrameSplitter()(encodeFrames('stdout', bytes));
    expect(frames.map((frame) => frame.bytes.length)).toEqual([
      MAX_FRAME_BYTES,
      MAX_FRAME_BYTES,
      1,
    ]);
  });

  it('sends nothing that the bridge takes for the beginning of another client', () => {
    const text = `a${CLIENT_PREFACE}${CLIENT_PREFACE}b${CLIENT_PREFACE}`;
    const sent = encodeFrames('stdin', Buffer.from(text));
    expect(
      createPrefaceScanner()
        .push(Buffer.from(text))
        .some(({ start }) => start),
    ).toBe(true);
    expect(
      createPrefaceScanner()
        .push(sent)
        .some(({ start }) => start),
    ).toBe(false);
    expect(joined(createFrameSplitter()(sent))).toBe(text);
  });
});

it('decodeJson() reads what encodeJson() wrote, and nothing else', () => {
  const [frame] = createFrameSplitter()(encodeJson('resize', { rows: 1, columns: 2 }));
  expect(frame?.name).toBe('resize');
  expect(decodeJson(frame?.bytes ?? Buffer.of())).toEqual({ rows: 1, columns: 2 });
  expect(decodeJson(Buffer.from('{'))).toBeUndefined();
});
