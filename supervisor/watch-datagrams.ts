/**
 * Unix datagram sockets that PID 1 reads as soon as something comes: the kernel raises SIGIO, which says
 * neither where nor how often, so each open socket is asked. Costs nothing while nobody writes.
 *
 * Reading shares the time that logs may take (log/read-share.ts): a container that floods its socket
 * fills it, and then waits for PID 1, which nobody else does.
 */
import type { DatagramSocket, Sys } from '../sys/sys.ts';
import { readShare } from './log/read-share.ts';

/** Between two looks at the clock, which costs more than a small datagram. */
const BATCH = 16;

const drains = new Set<() => void>();

function drainAll(): void {
  for (const drain of drains) drain();
}

/**
 * Opens the socket at `path`, or goes on with the one of an earlier generation of PID 1, and calls
 * `onDatagram` for each datagram from then on, those included that were waiting. The bytes are good until
 * it returns, and what it has not returned from when this process dies is the next generation's. Returns the function that ends this and removes the socket. Throws `SysError`.
 */
export function watchDatagrams(
  sys: Pick<Sys, 'openDatagramSocket'>,
  path: string,
  mode: number,
  onDatagram: (bytes: Uint8Array) => void,
): () => void {
  // Before the socket is there: without a listener the signal ends a process that is not PID 1.
  if (drains.size === 0) process.on('SIGIO', drainAll);
  let socket: DatagramSocket;
  try {
    socket = sys.openDatagramSocket(path, mode);
  } catch (error) {
    if (drains.size === 0) process.off('SIGIO', drainAll);
    throw error;
  }
  let later: NodeJS.Timeout | undefined;

  function drain(): void {
    if (later !== undefined) return;
    let pauseMs = 0;
    let more = true;
    try {
      while (more && pauseMs === 0) {
        const fromMs = performance.now();
        more = drainBatch(socket, onDatagram);
        pauseMs = readShare.spend(fromMs, performance.now());
      }
    } finally {
      // Also when a listener threw: no signal comes for what is in the socket already.
      if (more) later = setTimeout(resume, pauseMs);
    }
  }
  const resume = (): void => {
    later = undefined;
    drain();
  };

  drains.add(drain);
  // What came while nobody listened has raised its signal in vain.
  later = setTimeout(resume, 0);
  return () => {
    clearTimeout(later);
    drains.delete(drain);
    if (drains.size === 0) process.off('SIGIO', drainAll);
    socket.close();
  };
}

/** Whether there may be more. */
function drainBatch(socket: DatagramSocket, onDatagram: (bytes: Uint8Array) => void): boolean {
  for (let count = 0; count < BATCH; count += 1) {
    if (!socket.take(onDatagram)) return false;
  }
  return true;
}
