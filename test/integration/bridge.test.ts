import { mkdtempSync, rmSync } from 'node:fs';
import type { Server, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serveBridge } from '../../supervisor/bridge/run-bridge.ts';
import {
  connectOverHttp2,
  connectOverUnixSocket,
  type ControlClient,
} from '../../supervisor/control/client.ts';
import { listenAsControl, listenAsPort, type FakePort } from './bridge-support.ts';

let directory: string;
let port: FakePort;
let control: Server;
let client: ControlClient;
let hostSockets: Socket[];
let followers: ServerResponse[];
const stop = { bridge: new AbortController() };

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ishmael-bridge-'));
  hostSockets = [];
  followers = [];
  control = await listenAsControl(join(directory, 'control'), (request, response) => {
    const path = request.url ?? '';
    if (path.startsWith('/v1/events')) {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write('{"seq":1}\n{"seq":2}\n');
      followers.push(response);
    } else if (path === '/v1/missing') {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"code":"not-found","message":"No service is called missing"}');
    } else if (path === '/v1/large') {
      response.end(JSON.stringify('x'.repeat(1_000_000)));
    } else {
      response.end(JSON.stringify({ method: request.method, path }));
    }
  });
  port = await listenAsPort(join(directory, 'port'));
  stop.bridge = new AbortController();
  void serveBridge(port, join(directory, 'control'), { signal: stop.bridge.signal });
  client = connectOverHttp2(() => {
    const socket = connect(join(directory, 'port'));
    hostSockets.push(socket);
    return socket;
  });
});

afterEach(async () => {
  client.close();
  stop.bridge.abort();
  await port.close();
  for (const follower of followers) follower.destroy();
  control.close();
  rmSync(directory, { recursive: true });
});

/** Items of a stream as they come, and a way to wait for the n-th. */
function collector<T>(): {
  items: T[];
  push: (item: T) => void;
  reached(n: number): Promise<void>;
} {
  const items: T[] = [];
  let check = (): void => {};
  return {
    items,
    push(item) {
      items.push(item);
      check();
    },
    reached: (n) =>
      new Promise((resolve) => {
        check = () => {
          if (items.length >= n) resolve();
        };
        check();
      }),
  };
}

describe('connectOverHttp2() through serveBridge()', () => {
  test('passes method, path and query on, and answers many requests at once', async () => {
    const paths = Array.from({ length: 50 }, (_, n) => `/v1/services/s${n}/logs?tail=${n}`);
    const answers = await Promise.all(paths.map((path) => client.get<{ path: string }>(path)));
    expect(answers.map((answer) => answer.path)).toEqual(paths);
    expect(await client.post('/v1/poweroff')).toEqual({ method: 'POST', path: '/v1/poweroff' });
    expect(hostSockets).toHaveLength(1);
  });

  test('carries an answer larger than every window and buffer on the way', async () => {
    expect(await client.get<string>('/v1/large')).toHaveLength(1_000_000);
  });

  test('passes a refusal on with its code', async () => {
    await expect(client.get('/v1/missing')).rejects.toMatchObject({
      code: 'not-found',
      message: 'No service is called missing',
    });
  });

  test('delivers a followed stream line by line until it is aborted, and lets PID 1 know', async () => {
    const seen = collector<{ seq: number }>();
    const abort = new AbortController();
    const done = client.stream('/v1/events?follow=1', seen.push, abort.signal);
    await seen.reached(2);
    const follower = followers[0];
    if (follower === undefined) throw new Error('nobody follows');
    const gone = new Promise((resolve) => follower.once('close', resolve));
    follower.write('{"seq":3}\n');
    await seen.reached(3);
    abort.abort();
    await done;
    await gone;
    expect(seen.items.map((item) => item.seq)).toEqual([1, 2, 3]);
  });

  test('tells a follower that the machine went away', async () => {
    const seen = collector<{ seq: number }>();
    const done = client.stream('/v1/events?follow=1', seen.push);
    await seen.reached(2);
    followers[0]?.destroy();
    await expect(done).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('serves the next client after one was cut off in the middle of a stream', async () => {
    const seen = collector<{ seq: number }>();
    const done = client.stream('/v1/events?follow=1', seen.push);
    await seen.reached(2);
    hostSockets[0]?.destroy();
    await expect(done).rejects.toMatchObject({ code: 'unreachable' });
    expect(await client.get('/v1/machine')).toEqual({ method: 'GET', path: '/v1/machine' });
    expect(hostSockets).toHaveLength(2);
  });

  test('serves a client after one that sent half a frame and one that sent nonsense', async () => {
    await sendAndLeave('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\xff\x04');
    await sendAndLeave('GET / HTTP/1.1\r\n\r\n');
    expect(await client.get('/v1/machine')).toMatchObject({ path: '/v1/machine' });
  });

  test('reaches a client that first gets what the guest wrote for an earlier one', async () => {
    port.leaveBehind(Buffer.from('\0\0\x0d\0\x01\0\0\0\x05{"seq":1000}\n', 'latin1'));
    expect(await client.get('/v1/machine')).toMatchObject({ path: '/v1/machine' });
  });

  test('says so when PID 1 does not listen', async () => {
    control.close();
    await expect(client.get('/v1/machine')).rejects.toMatchObject({ code: 'internal' });
  });
});

function sendAndLeave(text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(join(directory, 'port'), () => {
      socket.write(Buffer.from(text, 'latin1'), () => {
        socket.destroy();
      });
    });
    socket.once('close', () => resolve());
  });
}

describe('connectOverUnixSocket()', () => {
  test('rejects with `unreachable` when nothing listens', async () => {
    const nobody = connectOverUnixSocket(join(directory, 'nobody'));
    await expect(nobody.get('/v1/machine')).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('waits for a slow reader before it calls it again', async () => {
    const direct = connectOverUnixSocket(join(directory, 'control'));
    const abort = new AbortController();
    let inside = 0;
    let most = 0;
    await direct.stream<{ seq: number }>(
      '/v1/events?follow=1',
      async (item) => {
        inside += 1;
        most = Math.max(most, inside);
        await Promise.resolve();
        inside -= 1;
        if (item.seq === 2) abort.abort();
      },
      abort.signal,
    );
    expect(most).toBe(1);
  });

  test('gives up with `timed-out` when the answer does not come', async () => {
    const hasty = connectOverUnixSocket(join(directory, 'control'), { timeoutMs: 50 });
    await expect(hasty.get('/v1/events')).rejects.toMatchObject({ code: 'timed-out' });
  });
});
