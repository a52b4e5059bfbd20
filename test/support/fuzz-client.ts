/** Clients of the control API that mean it badly, or are broken. All bytes come from a seed. */
import { connect, type Socket } from 'node:net';
import { GET_SERVICES } from './control-load.ts';

export type Random = () => number;

/** Mulberry32: numbers from 0 to 1 that are the same for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const VALID: readonly string[] = [
  GET_SERVICES,
  'GET /v1/services/service-0/logs?follow=1 HTTP/1.1\r\nhost: ishmael\r\n\r\n',
  'GET /v1/events?since=1&follow=1 HTTP/1.1\r\nhost: ishmael\r\n\r\n',
  'GET /v1/cpu HTTP/1.1\r\nhost: ishmael\r\nconnection: keep-alive\r\n\r\n',
  'POST /v1/services/service-1/signal?signal=HUP HTTP/1.1\r\nhost: ishmael\r\ncontent-length: 2\r\n\r\n{}',
];

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

const ATTACKS: readonly ((random: Random, socket: Socket) => void)[] = [
  function noise(random, socket) {
    socket.write(
      Buffer.from(Array.from({ length: below(random, 4096) }, () => below(random, 256))),
    );
  },
  function flippedBits(random, socket) {
    const bytes = Buffer.from(VALID[below(random, VALID.length)] ?? '');
    for (let flips = 1 + below(random, 8); flips > 0; flips -= 1) {
      const at = below(random, bytes.length);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << below(random, 8)), at);
    }
    socket.write(bytes);
  },
  function cutOff(random, socket) {
    const text = VALID[below(random, VALID.length)] ?? '';
    socket.write(text.slice(0, below(random, text.length)));
    if (random() < 0.5) socket.end();
  },
  function manyQuestions(random, socket) {
    socket.write(GET_SERVICES.repeat(1 + below(random, 4000)));
  },
  function endlessHeaders(random, socket) {
    socket.write(`GET / HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(below(random, 20_000))}`);
  },
  function longTarget(random, socket) {
    socket.write(`GET /${'a'.repeat(below(random, 100_000))} HTTP/1.1\r\nhost: x\r\n\r\n`);
  },
  function largeBody(random, socket) {
    socket.write('POST /v1/resume HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n');
    socket.write(Buffer.alloc(below(random, 1_000_000)));
  },
  function brokenChunks(random, socket) {
    socket.write('POST /v1/resume HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n');
    socket.write(`${below(random, 1e9).toString(16)};${'x'.repeat(below(random, 9000))}\r\nab`);
  },
  function otherProtocols(random, socket) {
    const upgrade =
      'GET /v1/services HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';
    const expecting =
      'POST /v1/resume HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n';
    const texts = ['CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n', upgrade, expecting];
    socket.write(texts[below(random, texts.length)] ?? '');
  },
  function neverReads(random, socket) {
    socket.pause();
    socket.write(VALID[below(random, VALID.length)] ?? '');
  },
  function asksNothing() {},
];

/** One client; resolves when the server has closed its connection, or it has had enough itself. */
export async function attack(socketPath: string, random: Random): Promise<void> {
  const which = ATTACKS[below(random, ATTACKS.length)];
  const patienceMs = below(random, 500);
  const socket = connect(socketPath, () => which?.(random, socket));
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    socket.on('data', () => {});
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
