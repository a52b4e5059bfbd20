/**
 * - `lost`: nobody is there, or not any more.
 * - `refused`: the server has not looked at the request (REFUSED_STREAM, or a GOAWAY that came before it).
 * - `reset`: the server has ended the stream before its answer was whole.
 * - `protocol`: what came is no HTTP/2.
 * - `cancelled`: given up on this side.
 */
export type Http2ErrorCode = 'lost' | 'refused' | 'reset' | 'protocol' | 'cancelled';

export class Http2Error extends Error {
  override readonly name = 'Http2Error';
  readonly code: Http2ErrorCode;

  constructor(code: Http2ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
