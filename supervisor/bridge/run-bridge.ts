/**
 * The bridge process: the control API for the host, as HTTP/2 over a virtio-serial port, so that many
 * requests and endless streams share one line. It holds no state of the machine and decides nothing.
 *
 * It must not catch SIGTERM: at exit libuv waits for its threads, and one of them is inside a read of the
 * port that may never return, while the signal's default action needs no thread's consent.
 */
import { performServerHandshake } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import { CONTROL_SOCKET } from '../control/api.ts';
import { openPort, wrapPort, type BytePort } from './byte-port.ts';
import { findControlPort } from './control-port.ts';
import {
  createPortConversation,
  writesInTurn,
  type PortConversation,
  type WriteInTurn,
} from './port-duplex.ts';
import { CLIENT_PREFACE, createPrefaceScanner } from './preface-scanner.ts';
import { passOn } from './proxy.ts';

const FIRST_IDLE_MS = 200;
const LONGEST_IDLE_MS = 1_000;
/** Not below 100: that is what clients take for granted until our settings reach them. */
const MAX_REQUESTS_AT_ONCE = 100;

/** How long a bridge stays after its host has left: the next command may be seconds away. */
const LINGER_MS = 60_000;

/**
 * Serves the host until it has been gone for a minute. PID 1 waits for the first one itself, because
 * waiting in a process of its own would cost every machine that process.
 * @param fd the open port, from PID 1; without it the machine's port is looked for. Returns at once when
 *   there is none.
 */
export async function runBridge(fd: number | undefined): Promise<void> {
  const device = fd === undefined ? findControlPort() : undefined;
  if (fd === undefined && device === undefined) return;
  const port = device === undefined ? wrapPort(fd ?? -1) : await openPort(device);
  await serveBridge(port, CONTROL_SOCKET, { lingerMs: LINGER_MS });
}

export interface BridgeOptions {
  /** Resolves when no host has said anything for so long. Default: never. */
  readonly lingerMs?: number;
  /** An aborted signal ends it after the read in progress. */
  readonly signal?: AbortSignal;
}

/** Serves one host after another on `port`. Rejects when the port fails. */
export async function serveBridge(
  port: BytePort,
  socketPath: string,
  { lingerMs = Number.POSITIVE_INFINITY, signal }: BridgeOptions = {},
): Promise<void> {
  const writeInTurn = writesInTurn(port);
  const scanner = createPrefaceScanner();
  let conversation: PortConversation | undefined;
  let idleMs = FIRST_IDLE_MS;
  let goneMs = 0;

  for (;;) {
    const bytes = await port.read();
    if (signal?.aborted === true) break;
    if (bytes.length === 0) {
      conversation?.stream.destroy();
      conversation = undefined;
      scanner.reset();
      if (goneMs >= lingerMs) break;
      await delay(idleMs);
      goneMs += idleMs;
      idleMs = Math.min(idleMs * 2, LONGEST_IDLE_MS);
      continue;
    }
    idleMs = FIRST_IDLE_MS;
    goneMs = 0;
    for (const part of scanner.push(bytes)) {
      if (part.start) {
        conversation?.stream.destroy();
        conversation = converse(writeInTurn, socketPath);
        await conversation.deliver(Buffer.from(CLIENT_PREFACE));
      }
      await conversation?.deliver(part.bytes);
    }
  }
  conversation?.stream.destroy();
}

function converse(writeInTurn: WriteInTurn, socketPath: string): PortConversation {
  const conversation = createPortConversation(writeInTurn);
  const session = performServerHandshake(conversation.stream, {
    settings: { maxConcurrentStreams: MAX_REQUESTS_AT_ONCE },
  });
  session.on('stream', (stream, headers) => passOn(stream, headers, socketPath));
  // A client that breaks the protocol, or was killed: nobody is left to tell.
  session.on('error', () => {});
  conversation.stream.on('error', () => {});
  conversation.stream.once('close', () => session.destroy());
  return conversation;
}
