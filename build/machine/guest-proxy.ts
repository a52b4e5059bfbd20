/** A request of the keeper's socket, passed on to the guest; the answer streams back as it comes. */
import { type ClientHttp2Stream, constants } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GuestLink } from './guest-link.ts';

/** An answer that breaks off breaks off here too: a client must not take it for whole. */
export async function passToGuest(
  link: GuestLink,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.on('error', () => {});
  const stream = await link.open(headersOf(request), gone.signal);
  if (stream === undefined) return;
  stream.on('error', () => {});
  if (gone.signal.aborted) stream.close(constants.NGHTTP2_CANCEL);
  gone.signal.addEventListener('abort', () => stream.close(constants.NGHTTP2_CANCEL));
  if (request.method !== 'GET') request.pipe(stream);
  answer(stream, response);
}

function answer(stream: ClientHttp2Stream, response: ServerResponse): void {
  stream.once('response', (headers) => {
    const type = headers['content-type'];
    response.writeHead(
      headers[':status'] ?? 502,
      type === undefined ? {} : { 'content-type': type },
    );
    response.flushHeaders();
    // Not its end: that of a lost connection looks the same.
    stream.pipe(response, { end: false });
  });
  let ended = false;
  stream.once('end', () => (ended = true));
  stream.once('close', () => {
    if (ended && stream.rstCode === constants.NGHTTP2_NO_ERROR && response.headersSent)
      response.end();
    else response.destroy();
  });
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const type = request.headers['content-type'];
  return {
    [constants.HTTP2_HEADER_METHOD]: request.method ?? 'GET',
    [constants.HTTP2_HEADER_PATH]: request.url ?? '/',
    ...(type === undefined ? {} : { 'content-type': type }),
  };
}
