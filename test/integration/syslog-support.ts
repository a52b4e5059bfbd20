/** Receivers of syslog for tests: they take down each message, and can be taken away and brought back. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export interface Receiver {
  readonly port: number;
  /** Whole messages, in the order they came. */
  readonly messages: string[];
  close(): Promise<void>;
}

export async function receiveUdp(port = 0): Promise<Receiver> {
  const messages: string[] = [];
  const socket: UdpSocket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  socket.on('message', (bytes) => messages.push(bytes.toString()));
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    messages,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** Reads octet-counted frames; what is no frame is taken down as it is. */
export async function receiveTcp(port = 0, host = '127.0.0.1'): Promise<Receiver> {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        const [head, length] = /^(\d+) /.exec(bytes.subarray(0, 10).toString('latin1')) ?? [];
        if (head === undefined) return;
        const end = head.length + Number(length);
        if (bytes.length < end) return;
        messages.push(bytes.subarray(head.length, end).toString());
        bytes = bytes.subarray(end);
      }
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export interface SyslogMessage {
  readonly priority: number;
  readonly time: string;
  readonly host: string;
  readonly app: string;
  readonly stream: string;
  readonly sequence: number;
  readonly text: string;
}

/** Throws for what is not as docs/logs.md says. */
export function readMessage(message: string): SyslogMessage {
  const match = /^<(\d+)>1 (\S+) (\S+) (\S+) - (\S+) \[meta sequenceId="(\d+)"\](?: (.*))?$/s.exec(
    message,
  );
  if (match === null) throw new Error(`No message of RFC 5424: ${message}`);
  const [, priority, time = '', host = '', app = '', stream = '', sequence, text = ''] = match;
  return { priority: Number(priority), time, host, app, stream, sequence: Number(sequence), text };
}
