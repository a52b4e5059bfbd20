/** The keeper's one connection to a guest: made late, shared, missed and left. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GuestLink, openGuestLink } from '../../build/machine/guest-link.ts';
import { passToGuest } from '../../build/machine/guest-proxy.ts';
import { serveBridge } from '../../supervisor/bridge/run-bridge.ts';
import { connectOverUnixSocket, type ControlClient } from '../../supervisor/control/client.ts';
import { type FakePort, listenAsControl, listenAsPort } from './bridge-support.ts';

const TIMES = { pingMs: 300, retryMs: 20, freshMs: 50, checkMs: 100, idleMs: 200 };

let folder: string;
let port: FakePort;
let control: Server;
let link: GuestLink;
let api: Server;
let sockets: Socket[];
let stop: AbortController;
let client: ControlClient;
let asked: number;

beforeEach(async () => {
  asked = 0;
  folder = mkdtempSync(join(tmpdir(), 'ishmael-link-'));
  sockets = [];
  control = await listenAsControl(join(folder, 'control'), (request, response) => {
    if (request.url === '/v1/events') {
      response.write('{"seq":1}\n');
      return;
    }
    if (request.url === '/v1/broken') {
      response.write('{"seq":');
      setTimeout(() => response.destroy(), 20);
      return;
    }
    // Nothing is ever said to the first who asks.
    if (request.url === '/v1/busy' && ++asked === 1) return;
    response.writeHead(request.url === '/v1/missing' ? 404 : 200);
    response.end(JSON.stringify({ method: request.method, path: request.url, code: 'not-found' }));
  });
  port = await listenAsPort(join(folder, 'port'));
  stop = new AbortController();
  link = openGuestLink(() => {
    const socket = connect(join(folder, 'port'));
    sockets.push(socket);
    return socket;
  }, TIMES);
  api = createServer((request, response) => void passToGuest(link, request, response));
  await new Promise<void>((listening) => void api.listen(join(folder, 'api'), listening));
  client = connectOverUnixSocket(join(folder, 'api'), { timeoutMs: 5_000 });
});

afterEach(async () => {
  stop.abort();
  link.close();
  api.closeAllConnections();
  api.close();
  control.closeAllConnections();
  control.close();
  await port.close();
  rmSync(folder, { recursive: true });
});

function openBridge(): void {
  void serveBridge(port, join(folder, 'control'), { signal: stop.signal });
}

describe('openGuestLink()', () => {
  it('waits for a guest that opens its port late', async () => {
    const answer = client.get<{ path: string }>('/v1/machine');
    await delay(700);
    openBridge();
    expect((await answer).path).toBe('/v1/machine');
    expect(sockets.length).toBeGreaterThan(1);
  });

  it('serves any number of clients over one connection, streams among them', async () => {
    openBridge();
    const left = new AbortController();
    const seen = Promise.withResolvers<unknown>();
    const following = client.stream('/v1/events', (item) => seen.resolve(item), left.signal);
    expect(await seen.promise).toEqual({ seq: 1 });
    const paths = Array.from({ length: 50 }, (_, n) => `/v1/services/s${n}?tail=${n}`);
    const answers = await Promise.all(paths.map((path) => client.get<{ path: string }>(path)));
    expect(answers.map(({ path }) => path)).toEqual(paths);
    expect(await client.post('/v1/poweroff')).toMatchObject({ method: 'POST' });
    left.abort();
    await following;
    expect(sockets.filter(({ destroyed }) => !destroyed)).toHaveLength(1);
  });

  it('leaves the port when nobody has used it for a while, and comes back', async () => {
    openBridge();
    await client.get('/v1/machine');
    await delay(TIMES.idleMs + 200);
    const before = sockets.length;
    expect(sockets.every(({ destroyed }) => destroyed)).toBe(true);
    await client.get('/v1/machine');
    expect(sockets.length).toBeGreaterThan(before);
  });

  it('notices while a stream is followed that the guest has fallen silent', async () => {
    openBridge();
    const seen = Promise.withResolvers<void>();
    const following = client.stream('/v1/events', () => seen.resolve());
    await seen.promise;
    // Its bridge ends after the next read: nobody answers any more.
    stop.abort();
    await expect(following).rejects.toMatchObject({ code: 'unreachable' });
  });
});

describe('passToGuest()', () => {
  it('passes refusals on, and breaks off where the guest does', async () => {
    openBridge();
    await expect(client.get('/v1/missing')).rejects.toMatchObject({ code: 'not-found' });
    await expect(client.stream('/v1/broken', () => {})).rejects.toMatchObject({
      code: 'unreachable',
    });
  });

  it('asks again on another session when the first was given up before there was an answer', async () => {
    openBridge();
    const answer = client.get<{ path: string }>('/v1/busy');
    await expect.poll(() => asked).toBe(1);
    sockets.at(-1)?.destroy();
    expect((await answer).path).toBe('/v1/busy');
    expect(asked).toBe(2);
  });

  it('does not do twice what may have been done', async () => {
    openBridge();
    const answer = client.post('/v1/busy');
    await expect.poll(() => asked).toBe(1);
    sockets.at(-1)?.destroy();
    await expect(answer).rejects.toMatchObject({ code: 'unreachable' });
    expect(asked).toBe(1);
  });

  it('forgets a client that leaves before the guest has answered', async () => {
    const request = httpRequest({ socketPath: join(folder, 'api'), path: '/v1/machine' });
    request.on('error', () => {});
    request.end();
    await delay(100);
    request.destroy();
    openBridge();
    expect(await client.get('/v1/machine')).toMatchObject({ path: '/v1/machine' });
  });
});
