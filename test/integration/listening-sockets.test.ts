/** Sockets of this process, found as PID 1 finds those of its services. */
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ListeningSocket } from '../../supervisor/control/api-network.ts';
import { createSocketReader } from '../../supervisor/inspect/listening-sockets.ts';

it('createSocketReader() finds what a unit listens on, and says nothing of a socket that is gone', async () => {
  const path = join(tmpdir(), `listening-${process.pid}.sock`);
  const tcp = await listening((server, done) => server.listen(0, '127.0.0.1', done));
  const unix = await listening((server, done) => server.listen(path, done));
  const address = tcp.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  let nowMs = 0;
  const read = createSocketReader(
    () => [{ id: 'redis', pid: process.pid }],
    () => nowMs,
  );
  const ours = async (): Promise<ListeningSocket[]> =>
    (await read()).filter((socket) => socket.port === port || socket.path === path);

  const holder = { unit: 'redis', pid: process.pid, command: expect.any(String) as string };
  const seen = [
    { protocol: 'tcp', address: '127.0.0.1', port, ...holder },
    { protocol: 'unix', type: 'stream', path, ...holder },
  ];
  expect(await ours()).toEqual(seen);
  tcp.close();
  unix.close();
  nowMs = 900;
  expect(await ours()).toEqual(seen);
  nowMs = 1100;
  expect(await ours()).toEqual([]);
});

it('createSocketReader() stays away from the event loop however many descriptors there are', async () => {
  const path = join(tmpdir(), `many-${process.pid}.sock`);
  const servers = await Promise.all(
    Array.from({ length: 3000 }, (_, index) =>
      listening((server, done) => server.listen(`${path}.${index}`, done)),
    ),
  );
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const owners = [{ id: 'many', pid: process.pid }];
  const sockets = await createSocketReader(() => owners, performance.now.bind(performance))();
  clearInterval(timer);
  for (const server of servers) server.close();
  const found = sockets.filter((socket) => socket.path?.startsWith(path) === true);
  expect(found.length).toBe(3000);
  expect(found.filter(({ unit }) => unit !== 'many')).toEqual([]);
  // In one piece it would be none at all.
  expect(turns).toBeGreaterThan(2);
});

async function listening(listen: (server: Server, done: () => void) => void): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => listen(server, resolve));
  return server;
}
