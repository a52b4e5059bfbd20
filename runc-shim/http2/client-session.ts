/**
 * A connection of HTTP/2, as a client that asks and is answered (RFC 9113): many requests at once, with flow control both ways. No TLS,
 * no priorities, no pushes. Knows no sockets: bytes go in and out.
 */
import { ClientStream, type Http2Stream } from './client-stream.ts';
import {
  contentOf,
  encodeFrame,
  encodeNumber,
  FLAG,
  type Frame,
  FRAME,
  FRAME_BYTES,
  FrameReader,
  numberOf,
  settingsOf,
} from './frame.ts';
import { encodeHeaders, type Header, HeaderDecoder } from './header-block.ts';
import { Http2Error } from './http2-error.ts';
import { LARGEST_WINDOW, WINDOW_BYTES, WindowCredit } from './window.ts';

/** RFC 9113, 3.4. */
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** RFC 9113, 6.5.2. */
const SETTING = { enablePush: 2, maxStreams: 3, initialWindow: 4 } as const;

/** RFC 9113, 7. */
const CODE = { none: 0, protocol: 1, refused: 7, cancel: 8 } as const;

/** Of one answer, before they are decoded. */
const MOST_HEADER_BYTES = 65_536;
/** Empty ones count too. */
const MOST_HEADER_FRAMES = 64;

const LAST_STREAM = 2 ** 31 - 1;

export interface Outlet {
  readonly write: (bytes: Uint8Array) => void;
  /** No more is written. */
  readonly close: () => void;
}

interface HeaderBlock {
  readonly stream: number;
  readonly isLast: boolean;
  readonly parts: Buffer[];
  bytes: number;
}

export class ClientSession {
  private readonly out: Outlet;
  private readonly frames = new FrameReader();
  private readonly decoder = new HeaderDecoder();
  private readonly streams = new Map<number, ClientStream>();
  /** More of them than the server wants at once. */
  private readonly waiting: ClientStream[] = [];
  private readonly window = new WindowCredit();
  private nextStream: number;
  private sendWindow = WINDOW_BYTES;
  private maxStreams = Number.POSITIVE_INFINITY;
  private initialWindow = WINDOW_BYTES;
  private block: HeaderBlock | undefined;
  private state: 'open' | 'draining' | 'closed' = 'open';

  /** @param firstStream odd; for tests */
  constructor(out: Outlet, firstStream = 1) {
    this.out = out;
    this.nextStream = firstStream;
    const noPush = Buffer.alloc(6);
    noPush.writeUInt16BE(SETTING.enablePush);
    out.write(Buffer.concat([Buffer.from(PREFACE), encodeFrame(FRAME.settings, 0, 0, noPush)]));
  }

  /** Whether it takes requests. */
  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** Throws `Http2Error` `lost` when it is not open. */
  request(headers: readonly Header[], body: Uint8Array): Http2Stream {
    if (!this.isOpen) throw new Http2Error('lost', 'the connection is closed');
    const stream: ClientStream = new ClientStream(headers, body, {
      credit: (bytes) => this.credit(stream.id, bytes),
      cancel: () => this.cancel(stream),
    });
    this.waiting.push(stream);
    this.begin();
    return stream;
  }

  /** What has come. What is no HTTP/2 ends the session. */
  push(chunk: Buffer): void {
    try {
      for (const frame of this.frames.push(chunk)) {
        if (this.state === 'closed') return;
        this.take(frame);
      }
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      this.end(error, CODE.protocol);
    }
  }

  /** The connection has ended, or never begun. */
  lost(error?: Error): void {
    this.end(new Http2Error('lost', error?.message ?? 'the connection was lost', { cause: error }));
  }

  close(): void {
    this.end(new Http2Error('cancelled', 'the connection is closed'), CODE.none);
  }

  private end(error: Http2Error, code?: number): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    if (code !== undefined) {
      const payload = Buffer.concat([encodeNumber(0), encodeNumber(code)]);
      this.out.write(encodeFrame(FRAME.goAway, 0, 0, payload));
    }
    this.out.close();
    for (const stream of [...this.streams.values(), ...this.waiting]) stream.fail(error);
    this.streams.clear();
    this.waiting.length = 0;
  }

  /** As many as the server wants. */
  private begin(): void {
    while (this.isOpen && this.streams.size < this.maxStreams) {
      const stream = this.waiting.shift();
      if (stream === undefined) return;
      stream.id = this.nextStream;
      this.nextStream += 2;
      stream.sendWindow = this.initialWindow;
      this.streams.set(stream.id, stream);
      // All of a request's headers are far shorter than a frame.
      const flags = FLAG.endHeaders | (stream.unsent.length === 0 ? FLAG.endStream : 0);
      this.out.write(encodeFrame(FRAME.headers, flags, stream.id, encodeHeaders(stream.request)));
      this.send(stream);
      if (this.nextStream > LAST_STREAM) {
        this.drain(new Http2Error('refused', 'the connection has no numbers left for requests'));
      }
    }
  }

  /** What is under way may end, and nothing begins any more. */
  private drain(why: Http2Error): void {
    if (this.state === 'open') this.state = 'draining';
    for (const stream of this.waiting.splice(0)) stream.fail(why);
    if (this.streams.size === 0) this.lost();
  }

  private send(stream: ClientStream): void {
    while (stream.unsent.length > 0) {
      const room = Math.min(this.sendWindow, stream.sendWindow, FRAME_BYTES);
      if (room <= 0) return;
      const part = stream.unsent.subarray(0, room);
      stream.unsent = stream.unsent.subarray(part.length);
      stream.sendWindow -= part.length;
      this.sendWindow -= part.length;
      const flags = stream.unsent.length === 0 ? FLAG.endStream : 0;
      this.out.write(encodeFrame(FRAME.data, flags, stream.id, part));
    }
  }

  private sendAll(): void {
    for (const stream of this.streams.values()) this.send(stream);
  }

  private cancel(stream: ClientStream): void {
    const place = this.waiting.indexOf(stream);
    if (place !== -1) this.waiting.splice(place, 1);
    if (!this.streams.has(stream.id)) return;
    this.reset(stream.id);
    this.forget(stream.id);
  }

  private reset(id: number): void {
    this.out.write(encodeFrame(FRAME.reset, 0, id, encodeNumber(CODE.cancel)));
  }

  private credit(id: number, bytes: number): void {
    this.out.write(encodeFrame(FRAME.windowUpdate, 0, id, encodeNumber(bytes)));
  }

  private forget(id: number): void {
    this.streams.delete(id);
    if (this.state === 'draining' && this.streams.size === 0) this.lost();
    else this.begin();
  }

  private take(frame: Frame): void {
    if (this.block !== undefined && frame.type !== FRAME.continuation) {
      throw new Http2Error('protocol', 'headers without an end');
    }
    switch (frame.type) {
      case FRAME.data:
        return this.takeData(frame);
      case FRAME.headers:
        return this.takeHeaders(frame);
      case FRAME.continuation:
        return this.takeContinuation(frame);
      case FRAME.reset:
        return this.takeReset(frame);
      case FRAME.settings:
        return this.takeSettings(frame);
      case FRAME.pushPromise:
        throw new Http2Error('protocol', 'a push');
      case FRAME.ping:
        return this.takePing(frame);
      case FRAME.goAway:
        return this.takeGoAway(frame);
      case FRAME.windowUpdate:
        return this.takeWindowUpdate(frame);
      default:
      // Priorities, and what later documents have thought of.
    }
  }

  private takeData(frame: Frame): void {
    const content = contentOf(frame);
    this.window.take(frame.payload.length);
    // Of the connection there is room at once: a stream that nobody reads is not to keep the others.
    const credit = this.window.giveBack(frame.payload.length);
    if (credit > 0) this.credit(0, credit);
    const stream = this.streamOf(frame);
    stream?.takeData(content, frame.payload.length);
    if (stream !== undefined && (frame.flags & FLAG.endStream) !== 0) this.finish(stream);
  }

  private takeHeaders(frame: Frame): void {
    const isLast = (frame.flags & FLAG.endStream) !== 0;
    this.takeBlock(frame, { stream: frame.stream, isLast, parts: [], bytes: 0 }, contentOf(frame));
  }

  private takeContinuation(frame: Frame): void {
    if (this.block?.stream !== frame.stream) throw new Http2Error('protocol', 'headers of nothing');
    this.takeBlock(frame, this.block, frame.payload);
  }

  private takeBlock(frame: Frame, block: HeaderBlock, part: Buffer): void {
    block.parts.push(part);
    block.bytes += part.length;
    if (block.bytes > MOST_HEADER_BYTES || block.parts.length > MOST_HEADER_FRAMES) {
      throw new Http2Error('protocol', 'headers without an end');
    }
    const isWhole = (frame.flags & FLAG.endHeaders) !== 0;
    this.block = isWhole ? undefined : block;
    if (!isWhole) return;
    // Also of a stream that has been given up: what it says may be meant in the next one.
    const headers = this.decoder.decode(Buffer.concat(block.parts));
    const stream = this.streamOf(frame);
    stream?.takeHeaders(headers);
    if (stream !== undefined && block.isLast) this.finish(stream);
  }

  /** `undefined` when it is over here, which the server may not have known. */
  private streamOf({ stream }: Frame): ClientStream | undefined {
    if (stream % 2 === 0 || stream >= this.nextStream) {
      throw new Http2Error('protocol', `a stream ${stream} that nobody has begun`);
    }
    return this.streams.get(stream);
  }

  private finish(stream: ClientStream): void {
    // It has answered without having heard all.
    if (stream.unsent.length > 0) this.reset(stream.id);
    stream.finish();
    this.forget(stream.id);
  }

  private takeReset(frame: Frame): void {
    const stream = this.streamOf(frame);
    const code = numberOf(frame);
    if (stream === undefined) return;
    const kind = code === CODE.refused ? 'refused' : 'reset';
    stream.fail(new Http2Error(kind, `the server has ended it with the code ${code} of HTTP/2`));
    this.forget(stream.id);
  }

  private takeSettings(frame: Frame): void {
    if ((frame.flags & FLAG.ack) !== 0) return;
    const settings = settingsOf(frame);
    this.maxStreams = settings.get(SETTING.maxStreams) ?? this.maxStreams;
    const window = settings.get(SETTING.initialWindow) ?? this.initialWindow;
    if (window > LARGEST_WINDOW) throw new Http2Error('protocol', 'a window out of its range');
    for (const stream of this.streams.values()) stream.sendWindow += window - this.initialWindow;
    this.initialWindow = window;
    this.out.write(encodeFrame(FRAME.settings, FLAG.ack, 0));
    this.sendAll();
    this.begin();
  }

  private takePing({ flags, payload }: Frame): void {
    if ((flags & FLAG.ack) === 0) this.out.write(encodeFrame(FRAME.ping, FLAG.ack, 0, payload));
  }

  /** What it has not looked at is not done, and may be asked elsewhere; the rest is still answered. */
  private takeGoAway(frame: Frame): void {
    const last = numberOf(frame);
    const code = numberOf(frame, 4);
    const why = new Http2Error('refused', `the server goes away with the code ${code} of HTTP/2`);
    for (const stream of [...this.streams.values()].filter(({ id }) => id > last)) {
      stream.fail(why);
      this.streams.delete(stream.id);
    }
    this.drain(why);
  }

  private takeWindowUpdate(frame: Frame): void {
    const more = numberOf(frame);
    const stream = frame.stream === 0 ? undefined : this.streamOf(frame);
    if (frame.stream === 0) this.sendWindow += more;
    else if (stream !== undefined) stream.sendWindow += more;
    if (more === 0 || Math.max(this.sendWindow, stream?.sendWindow ?? 0) > LARGEST_WINDOW) {
      throw new Http2Error('protocol', 'a window out of its range');
    }
    this.sendAll();
  }
}
