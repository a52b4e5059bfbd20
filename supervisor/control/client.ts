/**
 * The control API from a client's side (shapes: api.ts), over HTTP/1.1 on PID 1's unix socket or over
 * HTTP/2 on any byte stream that leads to the bridge. Knows nothing about single requests.
 *
 * The HTTP modules are fetched on first use and not imported: on an emulated CPU they cost a process
 * that only waits for a key more than everything else it does at its start.
 */
import type { ClientHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import { errorMessage } from '../../sys/errno.ts';
import { CONTROL_SOCKET, type ApiError } from './api.ts';
import { createLineSplitter, LineTooLongError } from './ndjson.ts';
import { skipStaleBytes } from './resync.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * `ApiError['code']` when the server refused; `unreachable` when there is no server or it went away,
 * `timed-out` when it did not answer in time, `bad-answer` when what it said is not the control API.
 */
export type ControlErrorCode = ApiError['code'] | 'unreachable' | 'timed-out' | 'bad-answer';

export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Every method rejects with `ControlError` and nothing else. */
export interface ControlClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string): Promise<T>;
  /**
   * Calls `onItem` for each line of an NDJSON answer and waits for what it returns, which is how a
   * slow reader slows the server down. Resolves when the answer ends or `signal` aborts.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as with get<T>, the caller knows what the path answers
  stream<T>(
    path: string,
    onItem: (item: T) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Drops the connection, if there is one. The client can be used again. */
  close(): void;
}

export interface ClientOptions {
  /** For `get` and `post`, from the request to the end of the answer. Default 10 s. */
  readonly timeoutMs?: number;
}

interface Answer {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

interface Transport {
  request(method: 'GET' | 'POST', path: string, signal: AbortSignal): Promise<Answer>;
  close(): void;
}

/** A client on a unix socket. Each request is a connection of its own. */
export function connectOverUnixSocket(
  socketPath: string = CONTROL_SOCKET,
  options: ClientOptions = {},
): ControlClient {
  return clientOver({ request: http1Request.bind(undefined, socketPath), close() {} }, options);
}

/**
 * A client on a byte stream that ends in the bridge of a machine: in QEMU, the socket of the
 * virtio-serial port. The connection is made by the first request, kept, and made again when it broke.
 */
export function connectOverHttp2(
  createConnection: () => Duplex,
  options: ClientOptions = {},
): ControlClient {
  return clientOver(http2Transport(createConnection), options);
}

function clientOver(transport: Transport, options: ClientOptions): ControlClient {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;

  async function whole<T>(method: 'GET' | 'POST', path: string): Promise<T> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    try {
      const answer = await transport.request(method, path, limit.signal);
      const text = await readText(answer.body);
      if (answer.status >= 400) throw refusal(answer.status, text);
      return parseJson(text) as T;
    } catch (error) {
      if (!limit.signal.aborted) throw controlError(error);
      const message = `No answer to ${method} ${path} within ${timeoutMs} ms`;
      throw new ControlError('timed-out', message, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    get: (path) => whole('GET', path),
    post: (path) => whole('POST', path),
    async stream(path, onItem, signal) {
      const stop = new AbortController();
      const onAbort = (): void => stop.abort();
      if (signal?.aborted === true) return;
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        const answer = await transport.request('GET', path, stop.signal);
        if (answer.status >= 400) throw refusal(answer.status, await readText(answer.body));
        await readItems(answer.body, (item) => onItem(item as never));
      } catch (error) {
        if (!stop.signal.aborted) throw controlError(error);
      } finally {
        signal?.removeEventListener('abort', onAbort);
        stop.abort();
      }
    },
    close: () => transport.close(),
  };
}

async function readItems(
  body: AsyncIterable<Uint8Array>,
  onItem: (item: unknown) => void | Promise<void>,
): Promise<void> {
  const lines = createLineSplitter();
  for await (const chunk of body) {
    for (const line of lines.push(chunk)) await onItem(parseJson(line));
  }
  const rest = lines.rest();
  if (rest.trim() !== '') await onItem(parseJson(rest));
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new ControlError('bad-answer', 'The answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ControlError('bad-answer', 'The answer is not JSON', { cause });
  }
}

const REFUSALS: readonly string[] = [
  'not-found',
  'bad-request',
  'method-not-allowed',
  'refused',
  'internal',
];

/** What an answer of 400 or above says. */
export function refusal(status: number, text: string): ControlError {
  const body = parseJson(text) as Partial<ApiError> | null;
  const code = body?.code;
  const message = body?.message ?? `The server answered ${status}`;
  return new ControlError(
    code !== undefined && REFUSALS.includes(code) ? code : 'bad-answer',
    message,
  );
}

function controlError(error: unknown): ControlError {
  if (error instanceof ControlError) return error;
  const code = error instanceof LineTooLongError ? 'bad-answer' : 'unreachable';
  return new ControlError(code, errorMessage(error), { cause: error });
}

function http1Request(
  socketPath: string,
  method: string,
  path: string,
  signal: AbortSignal,
): Promise<Answer> {
  const http = process.getBuiltinModule('node:http');
  return new Promise((resolve, reject) => {
    const headers = { host: 'ishmael' };
    const request = http.request({ socketPath, method, path, headers, signal, agent: false });
    request.once('response', (body) => resolve({ status: body.statusCode ?? 0, body }));
    // Stays for the whole exchange: after the answer began, its body reports the same error.
    request.on('error', reject);
    request.end();
  });
}

function http2Transport(createConnection: () => Duplex): Transport {
  let current: ClientHttp2Session | undefined;

  function session(): ClientHttp2Session {
    if (current !== undefined && !current.closed && !current.destroyed) return current;
    const http2 = process.getBuiltinModule('node:http2');
    const made = http2.connect('http://ishmael', {
      createConnection: () => skipStaleBytes(createConnection()),
    });
    // Every stream of the session hears of the error as well, and that is where it is answered.
    made.on('error', () => {});
    made.once('close', () => {
      if (current === made) current = undefined;
    });
    current = made;
    return made;
  }

  return {
    request: (method, path, signal) =>
      new Promise((resolve, reject) => {
        const { PassThrough } = process.getBuiltinModule('node:stream');
        const stream = session().request(
          { ':method': method, ':path': path },
          { signal, endStream: true },
        );
        // Read from the first moment: Node throws a short answer away when nobody reads it yet.
        // And end only when the stream was closed in order: a lost connection looks like its end.
        const body = new PassThrough();
        stream.pipe(body, { end: false });
        stream.once('response', (headers) => resolve({ status: headers[':status'] ?? 0, body }));
        const fail = (error: Error): void => {
          reject(error);
          body.destroy(error);
        };
        // A body that nobody got to see reports its error to nobody.
        body.on('error', () => {});
        stream.once('error', fail);
        stream.once('close', () => {
          if (stream.rstCode === 0) body.end();
          else fail(new Error('The connection was lost'));
        });
      }),
    close() {
      current?.destroy();
      current = undefined;
    },
  };
}
