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
import { openPort, type BytePort } from './byte-port.ts';
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

/** Returns at once when the machine has no control port; otherwise runs until the port fails. */
export async function runBridge(): Promise<void> {
  const device = findControlPort();
  if (device === undefined) return;
  await serveBridge(await openPort(device), CONTROL_SOCKET);
}

/**
 * Serves one host after another on `port`. Rejects when the port fails; an aborted `signal` ends it
 * after the read in progress.
 */
export async function serveBridge(
  port: BytePort,
  socketPath: string,
  signal?: AbortSignal,
): Promise<void> {
  const writeInTurn = writesInTurn(port);
  const scanner = createPrefaceScanner();
  let conversation: PortConversation | undefined;
  let idleMs = FIRST_IDLE_MS;

  for (;;) {
    const bytes = await port.read();
    if (signal?.aborted === true) break;
    if (bytes.length === 0) {
      conversation?.stream.destroy();
      conversation = undefined;
      scanner.reset();
      await delay(idleMs);
      idleMs = Math.min(idleMs * 2, LONGEST_IDLE_MS);
      continue;
    }
    idleMs = FIRST_IDLE_MS;
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
