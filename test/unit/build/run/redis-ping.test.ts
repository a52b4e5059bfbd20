import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { pingRedis, waitForRedis } from '../../../../build/run/redis-ping.ts';

const NEVER = new AbortController().signal;
const servers: Server[] = [];

async function serve(onClient: (socket: Socket, count: number) => void): Promise<number> {
  let count = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onClient(socket, (count += 1));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('pingRedis()', () => {
  it('is true for +PONG, even in pieces', async () => {
    const port = await serve((socket) => {
      socket.once('data', () => {
        socket.write('+PO');
        setImmediate(() => socket.write('NG\r\n'));
      });
    });
    expect(await pingRedis(port, NEVER)).toBe(true);
  });

  it('is false for an error reply', async () => {
    const port = await serve((socket) => void socket.end('-LOADING\r\n'));
    expect(await pingRedis(port, NEVER)).toBe(false);
  });

  it('is false when the connection is accepted and dropped, as QEMU does', async () => {
    const port = await serve((socket) => void socket.destroy());
    expect(await pingRedis(port, NEVER)).toBe(false);
  });

  it('is false when nobody answers in time', async () => {
    const port = await serve(() => {});
    expect(await pingRedis(port, AbortSignal.timeout(10))).toBe(false);
  });
});

describe('waitForRedis()', () => {
  it('does not wait for the answer to a question that was lost', async () => {
    const port = await serve((socket, count) => {
      if (count > 1) socket.end('+PONG\r\n');
    });
    expect(await waitForRedis(port, AbortSignal.timeout(1_000))).toBe(true);
  });

  it('asks again until it answers', async () => {
    const port = await serve((socket, count) => {
      if (count < 3) socket.destroy();
      else socket.end('+PONG\r\n');
    });
    expect(await waitForRedis(port, NEVER)).toBe(true);
  });

  it('gives up when told to', async () => {
    expect(await waitForRedis(1, AbortSignal.abort())).toBe(false);
  });
});
