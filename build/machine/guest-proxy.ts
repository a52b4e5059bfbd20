/** A request of the keeper's socket, passed on to the guest; the answer streams back as it comes. */
import { type ClientHttp2Stream, constants } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GuestLink } from './guest-link.ts';

/**
 * An answer that breaks off breaks off here too: a client must not take it for whole. One that has not
 * begun when the session is given up, as with a guest that boots too busily to answer a ping, is asked for
 * again where that does no harm, for as long as the client waits.
 */
export async function passToGuest(
  link: GuestLink,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.on('error', () => {});
  const isHarmless = request.method === 'GET';
  for (;;) {
    const stream = await link.open(headersOf(request), gone.signal);
    if (stream === undefined) return;
    if (!isHarmless) request.pipe(stream);
    if (await answer(stream, response, gone.signal)) return;
    if (isHarmless) continue;
    response.destroy();
    return;
  }
}

/** Resolves when the stream is over, with whether an answer had begun or nobody wants one any more. */
function answer(
  stream: ClientHttp2Stream,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const cancel = (): void => stream.close(constants.NGHTTP2_CANCEL);
  gone.addEventListener('abort', cancel);
  if (gone.aborted) cancel();
  stream.on('error', () => {});
  stream.once('response', (headers) => {
    const type = headers['content-type'];
    response.writeHead(
      headers[':status'] ?? 502,
      type === undefined ? {} : { 'content-type': type },
    );
    response.flushHeaders();
    answerFrom(stream, response);
  });
  stream.once('close', () => {
    gone.removeEventListener('abort', cancel);
    resolve(response.headersSent || gone.aborted);
  });
  return promise;
}

/** The body, and its end if it has one in order. */
export function answerFrom(stream: ClientHttp2Stream, response: ServerResponse): void {
  // Not its end: that of a lost connection looks the same.
  stream.pipe(response, { end: false });
  let ended = false;
  stream.once('end', () => (ended = true));
  stream.once('close', () => {
    if (ended && stream.rstCode === constants.NGHTTP2_NO_ERROR) response.end();
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
