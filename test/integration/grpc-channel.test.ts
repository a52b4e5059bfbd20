/** The channel against a server that is made for it, good and bad, over a real unix socket. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type GrpcCall,
  type GrpcChannel,
  openGrpcChannel,
} from '../../runc-shim/containerd/grpc-channel.ts';
import { GrpcError } from '../../runc-shim/containerd/grpc-error.ts';
import { encodeFrame } from '../../runc-shim/containerd/grpc-frame.ts';

let folder: string;
let channel: GrpcChannel;
let server: Http2Server | Server | undefined;
let sessions: { destroy(): void }[];
let asked: Record<string, unknown>[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ishmael-grpc-'));
  channel = openGrpcChannel(join(folder, 's'));
  sessions = [];
  asked = [];
});

afterEach(async () => {
  channel.close();
  await end();
  rmSync(folder, { recursive: true });
});

async function end(): Promise<void> {
  sessions.forEach((session) => session.destroy());
  sessions = [];
  await new Promise<void>((ended) => {
    if (server === undefined) ended();
    else server.close(() => ended());
  });
  server = undefined;
}

async function serve(answer: (stream: ServerHttp2Stream) => void): Promise<void> {
  const made = createServer();
  made.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  made.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    asked.push(headers);
    answer(stream as ServerHttp2Stream);
  });
  await listen(made);
}

async function listen(made: Http2Server | Server): Promise<void> {
  server = made;
  await new Promise<void>((listening) => void made.listen(join(folder, 's'), listening));
}

function answerWith(stream: ServerHttp2Stream, messages: readonly string[], status = '0'): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () =>
    stream.sendTrailers({ 'grpc-status': status, 'grpc-message': 'a%20task%20%22x%22' }),
  );
  stream.end(Buffer.concat(messages.map((text) => encodeFrame(Buffer.from(text)))));
}

async function codeOf(call: Partial<GrpcCall> = {}): Promise<string> {
  try {
    await channel.unary({ method: 'test.Echo/Say', ...call });
    return 'none';
  } catch (error) {
    if (error instanceof GrpcError) return error.code;
    throw error;
  }
}

describe('a call with one answer', () => {
  it('is asked as gRPC wants it and answered', async () => {
    await serve((stream) => answerWith(stream, ['moby']));
    const answer = await channel.unary({
      method: 'test.Echo/Say',
      metadata: { 'containerd-namespace': 'n' },
      timeoutMs: 4000,
    });
    expect(Buffer.from(answer).toString()).toBe('moby');
    expect(asked[0]).toMatchObject({
      ':path': '/test.Echo/Say',
      te: 'trailers',
      'containerd-namespace': 'n',
      'grpc-timeout': '4000m',
    });
  });

  it('brings what is larger than a server takes at once, and headers of all kinds', async () => {
    const words = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 33 + index));
    await serve((stream) => {
      let bytes = 0;
      stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
      stream.on('end', () => {
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc', long: 'e'.repeat(30_000) },
          { waitForTrailers: true },
        );
        // Before the trailers that are looked at: what nobody asks for is decoded, too.
        stream.on('wantTrailers', () => {
          const status = bytes === 1_000_005 ? '5' : '13';
          stream.sendTrailers({ 'grpc-status': status, 'grpc-message': words, other: words });
        });
        stream.end();
      });
    });
    for (let call = 0; call < 3; call += 1) {
      const answer = channel.unary({ method: 'a.B/C', message: Buffer.alloc(1_000_000) });
      await expect(answer).rejects.toMatchObject({ code: 'not-found', message: words });
    }
    expect(sessions).toHaveLength(1);
  });

  it('goes on when the server goes away, and the next one has another connection', async () => {
    await serve((stream) => {
      stream.session?.goaway();
      setTimeout(() => answerWith(stream, ['late']), 50);
    });
    expect(await codeOf()).toBe('none');
    expect(await codeOf()).toBe('none');
    expect(sessions).toHaveLength(2);
  });

  it("ends in the server's code and words, in trailers or at once", async () => {
    await serve((stream) => answerWith(stream, [], '5'));
    const error = await channel.unary({ method: 'a.B/C' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'not-found', message: 'a task "x"', method: 'a.B/C' });
    await end();
    channel.close();
    await serve((stream) => {
      const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '9' };
      stream.respond(headers, { endStream: true });
    });
    expect(await codeOf()).toBe('failed-precondition');
  });

  it('is over after its time, and when nobody wants it any more', async () => {
    await serve(() => {});
    expect(await codeOf({ timeoutMs: 30 })).toBe('deadline-exceeded');
    expect(await codeOf({ signal: AbortSignal.timeout(30) })).toBe('cancelled');
    expect(await codeOf({ signal: AbortSignal.abort() })).toBe('cancelled');
  });

  it('finds nobody, then somebody, then nobody again', async () => {
    expect(await codeOf()).toBe('unavailable');
    await serve((stream) => answerWith(stream, ['x']));
    expect(await codeOf()).toBe('none');
    await end();
    expect(await codeOf()).toBe('unavailable');
  });

  it('is lost with the connection, in the middle of an answer too', async () => {
    await serve((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.write(encodeFrame(Buffer.from('half')), () => sessions[0]?.destroy());
    });
    expect(await codeOf()).toBe('unavailable');
  });
});

describe('a server that is none of gRPC', () => {
  it.each([
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['noise', '\0\u0001\u0002garbage garbage garbage garbage'],
  ])('and speaks %s is garbage', async (_name, text) => {
    await listen(
      createPlainServer((socket: Socket) => {
        sessions.push(socket);
        socket.on('error', () => {});
        socket.write(text);
      }),
    );
    expect(await codeOf({ timeoutMs: 3000 })).toBe('garbage');
  });

  it('and answers with pages is garbage', async () => {
    await serve((stream) => {
      stream.respond({ ':status': 404, 'content-type': 'text/html' });
      stream.end();
    });
    expect(await codeOf()).toBe('garbage');
  });

  it('and answers with nothing, or with broken frames, is garbage', async () => {
    await serve((stream) => answerWith(stream, []));
    expect(await codeOf()).toBe('garbage');
    await end();
    channel.close();
    await serve((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.end(Buffer.from('01ffffffff', 'hex'));
    });
    expect(await codeOf()).toBe('garbage');
  });
});

describe('a call with a stream of answers', () => {
  it('gives them one after the other', async () => {
    await serve((stream) => answerWith(stream, ['a', 'b', 'c']));
    const seen: string[] = [];
    for await (const message of channel.stream({ method: 'a.B/C' })) {
      seen.push(Buffer.from(message).toString());
    }
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('lets a server wait whose answers nobody takes', async () => {
    let written = 0;
    const frame = encodeFrame(Buffer.alloc(16_384));
    await serve((stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      const more = (): void => {
        while (!stream.destroyed && stream.write(frame)) written += frame.length;
        if (!stream.destroyed) stream.once('drain', more);
      };
      more();
    });
    for await (const _message of channel.stream({ method: 'a.B/C' })) {
      await delay(300);
      break;
    }
    // Without it this is hundreds of megabytes in the time.
    expect(written).toBeLessThan(2_000_000);
    expect(written).toBeGreaterThan(0);
  });

  it('ends for the server when the loop is left', async () => {
    const gone = new Promise<void>((left) => {
      void serve((stream) => {
        stream.on('close', () => left());
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.write(encodeFrame(Buffer.from('a')));
      });
    });
    await delay(20);
    for await (const _message of channel.stream({ method: 'a.B/C' })) break;
    await gone;
  });
});
