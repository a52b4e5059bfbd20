/**
 * A way to a receiver: one message after another, each waited for. Over TCP that means that the kernel has
 * taken it: nobody acknowledges anything in this protocol.
 */
import type { Socket as UdpSocket } from 'node:dgram';
import type { Socket as TcpSocket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoCode } from '../../sys/errno.ts';
import { frameMessage } from './message.ts';
import type { SyslogTarget } from './target.ts';

export interface Connection {
  /** Rejects when it was not sent and another connection is to be tried. */
  send(message: Buffer): Promise<void>;
  close(): void;
}

/** For a receiver that answers nothing: the kernel's own patience is a quarter of an hour. */
const PATIENCE_MS = 15_000;
const KEEP_ALIVE_MS = 30_000;
/** Where nobody listens the host says so (ICMP), and the first message has not been received. */
const UDP_PROBE_MS = 100;
/** A receiver's socket holds a few hundred messages, and what does not fit is gone. */
const UDP_BURST = 50;
const UDP_PAUSE_MS = 5;

export function connectTarget(target: SyslogTarget): Promise<Connection> {
  return target.protocol === 'udp' ? connectUdp(target) : connectTcp(target);
}

async function connectUdp({ host, port }: SyslogTarget): Promise<Connection> {
  const { createSocket } = process.getBuiltinModule('node:dgram');
  const socket: UdpSocket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const refusals: Error[] = [];
  socket.on('error', (error) => refusals.splice(0, 1, error));
  const checkRefused = (): void => {
    for (const refusal of refusals) throw refusal;
  };
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(port, host, resolve);
    });
  } catch (error) {
    socket.close();
    throw error;
  }
  let sent = 0;
  return {
    async send(message) {
      checkRefused();
      await new Promise<void>((resolve, reject) => {
        socket.send(message, (error) => {
          // Longer than a datagram may be here: it will never go.
          if (error === null || errnoCode(error) === 'EMSGSIZE') resolve();
          else reject(error);
        });
      });
      sent += 1;
      if (sent === 1) {
        await delay(UDP_PROBE_MS);
        checkRefused();
      }
      if (sent % UDP_BURST === 0) await delay(UDP_PAUSE_MS);
    },
    close: () => socket.close(),
  };
}

async function connectTcp({ host, port }: SyslogTarget): Promise<Connection> {
  const { connect } = process.getBuiltinModule('node:net');
  const socket = connect({ host, port, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
  // Each message hears of it as well, and so does the wait for the connection.
  socket.on('error', () => undefined);
  // Nothing comes; but its end is seen only by who reads.
  socket.resume();
  await withPatience(
    socket,
    new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('The connection was closed')));
    }),
  );
  return {
    send: (message) =>
      withPatience(
        socket,
        new Promise<void>((resolve, reject) => {
          // One by one: of several in one write nobody could tell which have gone when it fails.
          socket.write(frameMessage(message), (error) => {
            if (error === null || error === undefined) resolve();
            else reject(error);
          });
        }),
      ),
    close: () => socket.destroy(),
  };
}

/** Ends a connection on which nothing moves. */
async function withPatience(socket: TcpSocket, work: Promise<void>): Promise<void> {
  const timer = setTimeout(() => socket.destroy(new Error('No answer')), PATIENCE_MS);
  try {
    await work;
  } finally {
    clearTimeout(timer);
  }
}
