/** Connections as a process of a container would open them: from its network namespace. */
import { closeSync, readlinkSync } from 'node:fs';
import { connect, isIPv6, Socket, type SocketConstructorOpts } from 'node:net';
import type { Sys } from '../../sys/sys.ts';

export interface Endpoint {
  /** An IP address. */
  readonly host: string;
  readonly port: number;
}

/**
 * A socket that is being connected. The caller listens to `error` in the same turn, and destroys it.
 * Throws the errno error when the process is gone or the kernel has no socket.
 */
export function connectFrom(
  sys: Pick<Sys, 'openTcpSocket'>,
  pid: number,
  { host, port }: Endpoint,
): Socket {
  const namespace = `/proc/${pid}/ns/net`;
  if (readlinkSync(namespace) === readlinkSync('/proc/self/ns/net')) return connect({ host, port });
  const fd = sys.openTcpSocket(namespace, isIPv6(host) ? 6 : 4);
  return adoptSocket(fd).connect({ host, port });
}

function adoptSocket(fd: number): Socket {
  // Not in the type: without it Node begins to read at once, which a socket without a connection refuses.
  const options: SocketConstructorOpts & { readonly manualStart: true } = {
    fd,
    readable: true,
    writable: true,
    manualStart: true,
  };
  try {
    return new Socket(options);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
