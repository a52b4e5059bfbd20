/**
 * gRPC over HTTP/2 on a unix socket, as a client: calls with one answer, and calls with a stream of answers.
 * Connects at the first call, and anew at the first one after the connection was lost. Knows nothing of
 * containerd.
 *
 * `node:http2` is loaded at the first connection: a PID 1 that asks nobody has none of it in its memory.
 */
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { grpcCode, GrpcError } from './grpc-error.ts';
import { encodeFrame, FrameSplitter } from './grpc-frame.ts';

export interface GrpcCall {
  /** `package.Service/Method`. */
  readonly method: string;
  readonly message?: Uint8Array;
  readonly metadata?: Readonly<Record<string, string>>;
  /** After so long the call is over, here and for the server. Absent: as long as it takes. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface GrpcChannel {
  /** Throws `GrpcError`. */
  unary(call: GrpcCall): Promise<Uint8Array>;
  /**
   * The answers as they come: the next one is read when it is asked for, and a server that is faster waits.
   * Throws `GrpcError`. Whoever leaves the loop early ends the call.
   */
  stream(call: GrpcCall): AsyncGenerator<Uint8Array, void, undefined>;
  close(): void;
}

export function openGrpcChannel(socketPath: string): GrpcChannel {
  let session: ClientHttp2Session | undefined;

  function connected(): ClientHttp2Session {
    if (session !== undefined && !session.closed && !session.destroyed) return session;
    const made = process.getBuiltinModule('node:http2').connect('http://containerd', {
      createConnection: () => connect(socketPath),
    });
    // Each call on it is told as well, and each says what it was for.
    made.on('error', () => {});
    made.on('goaway', () => made.close());
    made.on('close', () => {
      if (session === made) session = undefined;
    });
    session = made;
    return made;
  }

  async function* stream(call: GrpcCall): AsyncGenerator<Uint8Array, void, undefined> {
    const limits = limitsOf(call);
    let request: ClientHttp2Stream | undefined;
    try {
      limits.signal?.throwIfAborted();
      request = connected().request(headersOf(call), {
        ...(limits.signal && { signal: limits.signal }),
      });
      const status = statusOf(request, call.method);
      request.end(encodeFrame(call.message ?? new Uint8Array()));
      const splitter = new FrameSplitter();
      for await (const chunk of request) {
        for (const message of splitter.push(chunk as Buffer)) yield message;
      }
      splitter.end();
      status();
    } catch (error) {
      throw asGrpcError(error, call, { ...limits, rstCode: request?.rstCode });
    } finally {
      limits.clear();
      if (request !== undefined && !request.closed) request.close(CANCEL);
    }
  }

  return {
    stream,
    async unary(call) {
      let answer: Uint8Array | undefined;
      for await (const message of stream(call)) answer = message;
      if (answer !== undefined) return answer;
      throw new GrpcError('garbage', call.method, `${call.method}: no answer in it`);
    },
    close() {
      session?.destroy();
      session = undefined;
    },
  };
}

/** Error codes of HTTP/2 (RFC 9113, 7). The first is what Node closes the streams of a dying session with. */
const REFUSED_STREAM = 7;
const CANCEL = 8;

function headersOf({ method, metadata, timeoutMs }: GrpcCall): Record<string, string> {
  return {
    ':method': 'POST',
    ':path': `/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(timeoutMs === undefined ? {} : { 'grpc-timeout': `${timeoutMs}m` }),
    ...metadata,
  };
}

interface Limits {
  readonly signal?: AbortSignal;
  readonly isOver: () => boolean;
  readonly clear: () => void;
}

function limitsOf({ timeoutMs, signal }: GrpcCall): Limits {
  if (timeoutMs === undefined) {
    return { ...(signal && { signal }), isOver: () => false, clear: () => {} };
  }
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), timeoutMs);
  return {
    signal: signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]),
    isOver: () => over.signal.aborted,
    clear: () => clearTimeout(timer),
  };
}

/** Listens for how the call ends; what is returned throws `GrpcError` unless it has ended well. */
function statusOf(request: ClientHttp2Stream, method: string): () => void {
  let headers: IncomingHttpHeaders = {};
  const note = (more: IncomingHttpHeaders): void => void (headers = { ...headers, ...more });
  request.on('response', note);
  request.on('trailers', note);
  return () => {
    const status = headers['grpc-status'];
    if (status === '0') return;
    const words = headers['grpc-message'];
    const code = grpcCode(Number(status));
    if (code !== undefined) {
      throw new GrpcError(code, method, typeof words === 'string' ? percentDecoded(words) : code);
    }
    // A connection that was lost looks to Node like the end of the answer.
    if (status === undefined && isGrpc(headers)) {
      throw new GrpcError('unavailable', method, `${method}: the connection was lost`);
    }
    const said = `HTTP status ${String(headers[':status'])}, gRPC status ${String(status)}`;
    throw new GrpcError('garbage', method, `${method}: ${said}`);
  };
}

function isGrpc({ ':status': status, 'content-type': type }: IncomingHttpHeaders): boolean {
  return status === undefined || type?.startsWith('application/grpc') === true;
}

/** What is no valid encoding is shown as it came. */
function percentDecoded(words: string): string {
  try {
    return decodeURIComponent(words);
  } catch {
    return words;
  }
}

function asGrpcError(
  error: unknown,
  { method, timeoutMs, signal }: GrpcCall,
  how: Limits & { readonly rstCode: number | undefined },
): GrpcError {
  if (error instanceof GrpcError) return error;
  if (how.isOver()) {
    const message = `${method}: no answer within ${String(timeoutMs)} ms`;
    return new GrpcError('deadline-exceeded', method, message, { cause: error });
  }
  if (signal?.aborted === true) {
    return new GrpcError('cancelled', method, `${method}: given up`, { cause: error });
  }
  const message = `${method}: ${errorMessage(error)}`;
  const code =
    how.rstCode === REFUSED_STREAM || isConnectionLoss(error) ? 'unavailable' : 'garbage';
  return new GrpcError(code, method, message, { cause: error });
}

const LOSSES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_SESSION_ERROR',
  'ERR_HTTP2_STREAM_CANCEL',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ABORT_ERR',
];

/** Whether nobody is there any more, rather than somebody who speaks otherwise. */
function isConnectionLoss(error: unknown): boolean {
  const code = errnoCode(error);
  return code !== undefined && LOSSES.includes(code);
}
