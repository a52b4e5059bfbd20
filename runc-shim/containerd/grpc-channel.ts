/**
 * gRPC over HTTP/2 on a unix socket, as a client: calls with one answer, and calls with a stream of answers.
 * Connects at the first call, and anew at the first one after the connection was lost. Knows nothing of
 * containerd.
 *
 * Not over `node:http2`: that brings TLS and OpenSSL along, 3.6 MB of which PID 1 would use nothing.
 */
import { errorMessage } from '../../sys/errno.ts';
import type { ClientSession } from '../http2/client-session.ts';
import type { Http2Stream } from '../http2/client-stream.ts';
import { connectHttp2 } from '../http2/connect.ts';
import type { Header } from '../http2/header-block.ts';
import { Http2Error } from '../http2/http2-error.ts';
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
  let session: ClientSession | undefined;

  function connected(): ClientSession {
    if (session?.isOpen !== true) session = connectHttp2(socketPath);
    return session;
  }

  async function* stream(call: GrpcCall): AsyncGenerator<Uint8Array, void, undefined> {
    const limits = limitsOf(call);
    let request: Http2Stream | undefined;
    const giveUp = (): void => request?.cancel();
    try {
      limits.signal?.throwIfAborted();
      request = connected().request(headersOf(call), encodeFrame(call.message ?? new Uint8Array()));
      limits.signal?.addEventListener('abort', giveUp);
      const splitter = new FrameSplitter();
      for await (const chunk of request.body()) yield* splitter.push(chunk);
      splitter.end();
      throwUnlessGood(request.headers, call.method);
    } catch (error) {
      throw asGrpcError(error, call, limits);
    } finally {
      limits.signal?.removeEventListener('abort', giveUp);
      limits.clear();
      giveUp();
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
      session?.close();
      session = undefined;
    },
  };
}

function headersOf({ method, metadata = {}, timeoutMs }: GrpcCall): readonly Header[] {
  return [
    [':method', 'POST'],
    [':scheme', 'http'],
    [':authority', 'localhost'],
    [':path', `/${method}`],
    ['content-type', 'application/grpc'],
    ['te', 'trailers'],
    ...(timeoutMs === undefined ? [] : [['grpc-timeout', `${timeoutMs}m`] as const]),
    ...Object.entries(metadata),
  ];
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

/** @param headers with the trailers, where the status is. Throws `GrpcError` */
function throwUnlessGood(headers: ReadonlyMap<string, string>, method: string): void {
  const status = headers.get('grpc-status');
  if (status === '0') return;
  const code = grpcCode(Number(status));
  if (code !== undefined) {
    throw new GrpcError(code, method, percentDecoded(headers.get('grpc-message') ?? code));
  }
  const said = `HTTP status ${headers.get(':status')}, gRPC status ${status}`;
  throw new GrpcError('garbage', method, `${method}: ${said}`);
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
  { isOver }: Limits,
): GrpcError {
  if (error instanceof GrpcError) return error;
  if (isOver()) {
    const message = `${method}: no answer within ${String(timeoutMs)} ms`;
    return new GrpcError('deadline-exceeded', method, message, { cause: error });
  }
  if (signal?.aborted === true) {
    return new GrpcError('cancelled', method, `${method}: given up`, { cause: error });
  }
  const message = `${method}: ${errorMessage(error)}`;
  const isLoss = error instanceof Http2Error && (error.code === 'lost' || error.code === 'refused');
  return new GrpcError(isLoss ? 'unavailable' : 'garbage', method, message, { cause: error });
}
