/**
 * One machine's control port for any number of clients. The port has room for one connection, and what is
 * written before the guest listens is lost without an error; so there is one HTTP/2 session, made when
 * somebody asks, trusted once it has answered a ping, pinged while it is used, and dropped when nobody needs
 * it, so that the guest's bridge can go.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { skipStaleBytes } from '../../supervisor/control/resync.ts';

export interface LinkTimes {
  /** A guest that boots under emulation starts its bridge within this. */
  readonly pingMs: number;
  readonly retryMs: number;
  /** A session that has answered so recently is taken to be alive. */
  readonly freshMs: number;
  /** How often it is pinged while it is used. */
  readonly checkMs: number;
  readonly idleMs: number;
}

const TIMES: LinkTimes = {
  pingMs: 4_000,
  retryMs: 200,
  freshMs: 1_000,
  checkMs: 5_000,
  idleMs: 10_000,
};

export interface GuestLink {
  /** A stream on a session that works, for as long as it takes to get one; `undefined` when `signal` aborts. */
  open(
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ClientHttp2Stream | undefined>;
  close(): void;
}

export function openGuestLink(
  connectPort: () => Duplex,
  { pingMs, retryMs, freshMs, checkMs, idleMs }: LinkTimes = TIMES,
): GuestLink {
  let current: ClientHttp2Session | undefined;
  let heardAt = Number.NEGATIVE_INFINITY;
  let attempt: Promise<ClientHttp2Session | undefined> | undefined;
  let users = 0;
  let timer: NodeJS.Timeout | undefined;

  function session(): ClientHttp2Session {
    if (current !== undefined && !current.closed && !current.destroyed) return current;
    const made = connect('http://ishmael', {
      createConnection: () => skipStaleBytes(connectPort()),
    });
    // Each stream hears of it as well, and so does the ping.
    made.on('error', () => {});
    heardAt = Number.NEGATIVE_INFINITY;
    current = made;
    return made;
  }

  /** One at a time for all who wait; `undefined` when this one came to nothing. */
  function alive(): Promise<ClientHttp2Session | undefined> {
    attempt ??= check(session()).finally(() => (attempt = undefined));
    return attempt;
  }

  async function check(made: ClientHttp2Session): Promise<ClientHttp2Session | undefined> {
    if (performance.now() - heardAt < freshMs) return made;
    if (await answersPing(made, pingMs)) {
      heardAt = performance.now();
      return made;
    }
    // With an error: without one its streams would seem to end in order.
    made.destroy(new Error('The guest does not answer'));
    await delay(retryMs);
    return undefined;
  }

  function enter(): void {
    users += 1;
    arm();
  }

  function leave(): void {
    users -= 1;
    arm();
  }

  /** There is one timer at most, whoever comes and goes while a ping is under way. */
  function arm(): void {
    clearTimeout(timer);
    timer =
      users === 0
        ? setTimeout(() => current?.destroy(), idleMs)
        : setTimeout(() => void alive().then(arm), checkMs);
    timer.unref();
  }

  return {
    async open(headers, signal) {
      enter();
      try {
        for (;;) {
          if (signal.aborted) return undefined;
          const made = await alive();
          if (signal.aborted) return undefined;
          if (made === undefined || made.closed || made.destroyed) continue;
          const isWithoutBody = headers[constants.HTTP2_HEADER_METHOD] === 'GET';
          const stream = made.request({ ...headers }, { endStream: isWithoutBody });
          enter();
          stream.once('close', leave);
          return stream;
        }
      } finally {
        leave();
      }
    },
    close() {
      clearTimeout(timer);
      current?.destroy(new Error('The machine has ended'));
    },
  };
}

function answersPing(session: ClientHttp2Session, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (answered: boolean): void => {
      clearTimeout(limit);
      session.off('close', onClose);
      resolve(answered);
    };
    const onClose = (): void => done(false);
    const limit = setTimeout(onClose, limitMs);
    session.once('close', onClose);
    try {
      session.ping((error) => done(error === null));
    } catch {
      // Destroyed a moment ago.
      done(false);
    }
  });
}
