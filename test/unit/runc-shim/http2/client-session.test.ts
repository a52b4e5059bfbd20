/** A session against the frames of a server that says what each test wants. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ClientSession } from '../../../../runc-shim/http2/client-session.ts';
import type { Http2Stream } from '../../../../runc-shim/http2/client-stream.ts';
import {
  encodeFrame,
  encodeNumber,
  FLAG,
  type Frame,
  FRAME,
  FrameReader,
} from '../../../../runc-shim/http2/frame.ts';
import { encodeHeaders, HeaderDecoder } from '../../../../runc-shim/http2/header-block.ts';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const GOOD = encodeHeaders([[':status', '200']]);

let sent: Frame[];
let isClosed: boolean;
let session: ClientSession;

beforeEach(() => open());

function open(firstStream?: number): void {
  sent = [];
  isClosed = false;
  const reader = new FrameReader();
  let preface = '';
  session = new ClientSession(
    {
      write: (bytes) => {
        const isFirst = preface === '';
        if (isFirst) preface = Buffer.from(bytes.subarray(0, PREFACE.length)).toString();
        expect(preface).toBe(PREFACE);
        sent.push(...reader.push(Buffer.from(isFirst ? bytes.subarray(PREFACE.length) : bytes)));
      },
      close: () => (isClosed = true),
    },
    firstStream,
  );
  say(FRAME.settings, 0, 0);
}

function say(type: number, flags: number, stream: number, payload?: Uint8Array): void {
  session.push(encodeFrame(type, flags, stream, payload));
}

function setting(id: number, value: number): void {
  const payload = Buffer.alloc(6);
  payload.writeUInt16BE(id);
  payload.writeUInt32BE(value, 2);
  say(FRAME.settings, 0, 0, payload);
}

function goAway(last: number, code: number): void {
  say(FRAME.goAway, 0, 0, Buffer.concat([encodeNumber(last), encodeNumber(code)]));
}

/** The frames of a type, and since the last time only. */
function taken(type: number): Frame[] {
  const found = sent.filter((frame) => frame.type === type);
  sent = sent.filter((frame) => frame.type !== type);
  return found;
}

const ask = (bytes = 4): Http2Stream => session.request([[':path', '/x']], Buffer.alloc(bytes));

/** The body and how it ended. */
async function read(stream: Http2Stream): Promise<[string, string]> {
  let text = '';
  try {
    for await (const chunk of stream.body()) text += Buffer.from(chunk).toString();
    return [text, 'end'];
  } catch (error) {
    return [text, String((error as { code?: string }).code)];
  }
}

function answer(stream: number, text: string): void {
  say(FRAME.headers, FLAG.endHeaders, stream, GOOD);
  say(FRAME.data, FLAG.endStream, stream, Buffer.from(text));
}

it('says what it wants, then asks; is answered in pieces', async () => {
  const stream = ask();
  expect(sent.map(({ type, flags, stream: id }) => [type, flags, id])).toEqual([
    [FRAME.settings, 0, 0],
    [FRAME.settings, FLAG.ack, 0],
    [FRAME.headers, FLAG.endHeaders, 1],
    [FRAME.data, FLAG.endStream, 1],
  ]);
  expect(new HeaderDecoder().decode(sent[2]?.payload ?? Buffer.of())).toEqual([[':path', '/x']]);
  say(FRAME.headers, FLAG.endHeaders, 1, GOOD);
  say(FRAME.data, 0, 1, Buffer.from('one '));
  const result = read(stream);
  await Promise.resolve();
  say(FRAME.data, FLAG.padded, 1, Buffer.from('\u0002two\0\0'));
  say(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, encodeHeaders([['status', '0']]));
  expect(await result).toEqual(['one two', 'end']);
  expect([...stream.headers]).toEqual([
    [':status', '200'],
    ['status', '0'],
  ]);
});

it('ends a request without a body in its headers', () => {
  ask(0);
  expect(taken(FRAME.headers)[0]?.flags).toBe(FLAG.endHeaders | FLAG.endStream);
  expect(taken(FRAME.data)).toEqual([]);
});

it('answers pings, and passes over what it does not know', () => {
  say(FRAME.ping, 0, 0, Buffer.from('whale...'));
  say(FRAME.ping, FLAG.ack, 0, Buffer.from('whale...'));
  say(0x10, 0xff, 7, Buffer.alloc(100));
  say(2, 0, 1, Buffer.alloc(5));
  expect(taken(FRAME.ping).map(({ flags, payload }) => [flags, payload.toString()])).toEqual([
    [FLAG.ack, 'whale...'],
  ]);
  expect(session.isOpen).toBe(true);
});

describe('what is sent', () => {
  const lengths = (): number[] => taken(FRAME.data).map(({ payload }) => payload.length);

  it('waits for room, of the stream and of the connection', () => {
    ask(100_000);
    expect(lengths()).toEqual([16_384, 16_384, 16_384, 16_383]);
    say(FRAME.windowUpdate, 0, 0, encodeNumber(1_000_000));
    expect(lengths()).toEqual([]);
    say(FRAME.windowUpdate, 0, 1, encodeNumber(10));
    expect(lengths()).toEqual([10]);
    setting(4, 65_535 + 100_000);
    const rest = taken(FRAME.data);
    expect(rest.reduce((sum, { payload }) => sum + payload.length, 0)).toBe(34_455);
    expect(rest.at(-1)?.flags).toBe(FLAG.endStream);
  });

  it('waits also when there has become less room', () => {
    setting(4, 20_000);
    ask(100_000);
    expect(lengths()).toEqual([16_384, 3_616]);
    setting(4, 10);
    say(FRAME.windowUpdate, 0, 1, encodeNumber(19_990));
    expect(lengths()).toEqual([]);
    say(FRAME.windowUpdate, 0, 1, encodeNumber(1));
    expect(lengths()).toEqual([1]);
  });

  it('is as many at once as the server takes; others wait, and may be given up', async () => {
    setting(3, 1);
    const first = ask();
    const second = ask();
    const third = ask();
    expect(taken(FRAME.headers).map(({ stream }) => stream)).toEqual([1]);
    second.cancel();
    expect(await read(second)).toEqual(['', 'cancelled']);
    answer(1, 'a');
    expect(taken(FRAME.headers).map(({ stream }) => stream)).toEqual([3]);
    answer(3, 'c');
    expect([await read(first), await read(third)]).toEqual([
      ['a', 'end'],
      ['c', 'end'],
    ]);
    expect(taken(FRAME.reset)).toEqual([]);
  });

  it('is not finished for a server that has answered', async () => {
    const stream = ask(100_000);
    answer(1, 'no');
    expect(await read(stream)).toEqual(['no', 'end']);
    expect(taken(FRAME.reset).map((frame) => frame.stream)).toEqual([1]);
  });
});

describe('what comes', () => {
  const credits = (): number[][] =>
    taken(FRAME.windowUpdate).map(({ stream, payload }) => [stream, payload.readUInt32BE()]);

  it('has room again when it has been taken, of the connection at once', async () => {
    const stream = ask();
    say(FRAME.headers, FLAG.endHeaders, 1, GOOD);
    for (let part = 0; part < 3; part += 1) say(FRAME.data, 0, 1, Buffer.alloc(16_000));
    expect(credits()).toEqual([[0, 48_000]]);
    const body = stream.body();
    for (let part = 0; part < 3; part += 1) await body.next();
    // The third is still in use.
    expect(credits()).toEqual([]);
    void body.next();
    await Promise.resolve();
    expect(credits()).toEqual([[1, 48_000]]);
  });

  it('is no more than was allowed', async () => {
    const stream = ask();
    for (let part = 0; part < 5; part += 1) say(FRAME.data, 0, 1, Buffer.alloc(16_000));
    expect((await read(stream))[1]).toBe('protocol');
    expect(taken(FRAME.goAway)).toHaveLength(1);
    expect(isClosed).toBe(true);
  });

  it('may be headers in several frames', async () => {
    const stream = ask();
    say(FRAME.headers, FLAG.endStream, 1, GOOD.subarray(0, 3));
    say(FRAME.continuation, 0, 1, GOOD.subarray(3, 5));
    say(FRAME.continuation, FLAG.endHeaders, 1, GOOD.subarray(5));
    expect(await read(stream)).toEqual(['', 'end']);
    expect(stream.headers.get(':status')).toBe('200');
  });

  it('is remembered of streams that have been given up', async () => {
    ask().cancel();
    expect(taken(FRAME.reset).map(({ payload }) => payload.readUInt32BE())).toEqual([8]);
    const second = ask();
    say(FRAME.headers, FLAG.endHeaders, 1, Buffer.from('4001780179', 'hex'));
    say(FRAME.data, FLAG.endStream, 1, Buffer.from('late'));
    say(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 3, Buffer.from('be', 'hex'));
    expect(await read(second)).toEqual(['', 'end']);
    expect(second.headers.get('x')).toBe('y');
  });
});

describe('the end', () => {
  it('of a stream is its own', async () => {
    const [first, second, third] = [ask(), ask(), ask()];
    say(FRAME.reset, 0, 1, encodeNumber(7));
    say(FRAME.reset, 0, 3, encodeNumber(2));
    say(FRAME.reset, 0, 3, encodeNumber(2));
    answer(5, 'c');
    expect(await Promise.all([first, second, third].map(read))).toEqual([
      ['', 'refused'],
      ['', 'reset'],
      ['c', 'end'],
    ]);
    expect(session.isOpen).toBe(true);
  });

  it('comes when a server that goes away has answered what it will', async () => {
    setting(3, 2);
    const streams = [ask(), ask(), ask()];
    goAway(1, 0);
    expect(session.isOpen).toBe(false);
    expect(() => ask()).toThrow(expect.objectContaining({ code: 'lost' }));
    expect(isClosed).toBe(false);
    answer(1, 'a');
    expect(isClosed).toBe(true);
    expect(await Promise.all(streams.map(read))).toEqual([
      ['a', 'end'],
      ['', 'refused'],
      ['', 'refused'],
    ]);
  });

  it('comes when there are no numbers for requests left', async () => {
    open(2 ** 31 - 3);
    setting(3, 1);
    const streams = [ask(), ask(), ask()];
    answer(2 ** 31 - 3, 'a');
    expect(session.isOpen).toBe(false);
    answer(2 ** 31 - 1, 'b');
    expect(isClosed).toBe(true);
    expect(await Promise.all(streams.map(read))).toEqual([
      ['a', 'end'],
      ['b', 'end'],
      ['', 'refused'],
    ]);
  });

  it('of the connection is that of all, and said once', async () => {
    setting(3, 1);
    const streams = [ask(), ask()];
    session.lost(new Error('EPIPE'));
    session.lost();
    session.push(encodeFrame(FRAME.ping, 0, 0, Buffer.alloc(8)));
    expect(await Promise.all(streams.map(read))).toEqual([
      ['', 'lost'],
      ['', 'lost'],
    ]);
    expect(taken(FRAME.goAway)).toEqual([]);
    expect(taken(FRAME.ping)).toEqual([]);
  });

  it('on this side says so to the server', async () => {
    const stream = ask();
    session.close();
    expect(taken(FRAME.goAway)).toHaveLength(1);
    expect([await read(stream), isClosed]).toEqual([['', 'cancelled'], true]);
    stream.cancel();
    expect(taken(FRAME.reset)).toEqual([]);
  });
});

describe('is ended by', () => {
  it.each<[string, () => void]>([
    ['a push', () => say(FRAME.pushPromise, FLAG.endHeaders, 1, Buffer.alloc(4))],
    ['a stream that nobody has begun', () => say(FRAME.data, 0, 3)],
    ["a stream of the server's", () => say(FRAME.headers, FLAG.endHeaders, 2, GOOD)],
    ['a stream 0', () => say(FRAME.reset, 0, 0, encodeNumber(0))],
    ['a continuation of nothing', () => say(FRAME.continuation, FLAG.endHeaders, 1)],
    [
      'something between headers',
      () => {
        say(FRAME.headers, 0, 1, GOOD);
        say(FRAME.ping, 0, 0, Buffer.alloc(8));
      },
    ],
    [
      'headers without an end',
      () => {
        say(FRAME.headers, 0, 1);
        for (let part = 0; part < 5; part += 1) say(FRAME.continuation, 0, 1, Buffer.alloc(16_384));
      },
    ],
    [
      'headers of nothing, without an end',
      () => {
        say(FRAME.headers, 0, 1);
        for (let part = 0; part < 64; part += 1) say(FRAME.continuation, 0, 1);
      },
    ],
    ['broken headers', () => say(FRAME.headers, FLAG.endHeaders, 1, Buffer.of(0x80))],
    ['too much room', () => say(FRAME.windowUpdate, 0, 1, encodeNumber(2 ** 31 - 1))],
    ['no room', () => say(FRAME.windowUpdate, 0, 0, encodeNumber(0))],
    ['too much room for all', () => setting(4, 2 ** 31)],
  ])('%s', async (_what, said) => {
    const stream = ask();
    said();
    expect(await read(stream)).toEqual(['', 'protocol']);
    expect([isClosed, session.isOpen]).toEqual([true, false]);
    expect(taken(FRAME.goAway).map(({ payload }) => payload.readUInt32BE(4))).toEqual([1]);
  });
});
