import { Http2Error } from './http2-error.ts';

/** What either side may send without having been told more (RFC 9113, 6.9.2). */
export const WINDOW_BYTES = 65_535;

/** The largest (RFC 9113, 6.9.1). */
export const LARGEST_WINDOW: number = 2 ** 31 - 1;

/** What the server may send, of one stream or of all: told again when half of it has been used. Pure. */
export class WindowCredit {
  private open = WINDOW_BYTES;
  private back = 0;

  /** Throws `Http2Error` `protocol` when that is more than it may send. */
  take(bytes: number): void {
    this.open -= bytes;
    if (this.open < 0) throw new Http2Error('protocol', 'more than it may send');
  }

  /** Of these there is room again. Returns how much it is to be told, which may be 0. */
  giveBack(bytes: number): number {
    this.back += bytes;
    if (this.back < WINDOW_BYTES / 2) return 0;
    const told = this.back;
    this.open += told;
    this.back = 0;
    return told;
  }
}
