import type { Header } from './header-block.ts';
import { Http2Error } from './http2-error.ts';
import { WindowCredit } from './window.ts';

/** A request, and the answer as it comes. */
export interface Http2Stream {
  /** Of the answer as far as it has come, with the trailers in the end; of two with one name the later. */
  readonly headers: ReadonlyMap<string, string>;
  /**
   * The body, to be read once: what nobody asks for is not sent. Ends when all has come, the trailers too. Throws
   * `Http2Error`, before the rest of what had come.
   */
  body(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Gives it up; nothing when it has ended. */
  cancel(): void;
}

export interface StreamEvents {
  /** So many bytes more may come. */
  readonly credit: (bytes: number) => void;
  readonly cancel: () => void;
}

/** The side of a stream that its session sees. */
export class ClientStream implements Http2Stream {
  /** 0 until its request is sent. */
  id = 0;
  readonly request: readonly Header[];
  /** Of the request's body, what is not sent. */
  unsent: Uint8Array;
  /** How much of it the server takes at the moment; negative when it has changed its mind. */
  sendWindow = 0;
  readonly headers: Map<string, string> = new Map();
  private readonly events: StreamEvents;
  private readonly window = new WindowCredit();
  private readonly chunks: Buffer[] = [];
  private end: 'not-yet' | 'good' | Http2Error = 'not-yet';
  private wake: (() => void) | undefined;

  constructor(request: readonly Header[], unsent: Uint8Array, events: StreamEvents) {
    this.request = request;
    this.unsent = unsent;
    this.events = events;
  }

  async *body(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      if (this.end instanceof Http2Error) throw this.end;
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        yield chunk;
        this.giveBack(chunk.length);
      } else if (this.end === 'good') {
        return;
      } else {
        await new Promise<void>((woken) => (this.wake = woken));
      }
    }
  }

  cancel(): void {
    if (this.end !== 'not-yet') return;
    this.events.cancel();
    this.fail(new Http2Error('cancelled', 'given up'));
  }

  takeHeaders(headers: readonly Header[]): void {
    for (const [name, value] of headers) this.headers.set(name, value);
  }

  /** @param bytes what the frame counts for, padding and all. Throws `Http2Error` `protocol` */
  takeData(content: Buffer, bytes: number): void {
    this.window.take(bytes);
    if (content.length > 0) this.chunks.push(content);
    this.giveBack(bytes - content.length);
    this.wake?.();
  }

  finish(): void {
    if (this.end === 'not-yet') this.end = 'good';
    this.wake?.();
  }

  fail(error: Http2Error): void {
    if (this.end === 'not-yet') this.end = error;
    this.wake?.();
  }

  private giveBack(bytes: number): void {
    const credit = this.window.giveBack(bytes);
    if (credit > 0 && this.end === 'not-yet') this.events.credit(credit);
  }
}
