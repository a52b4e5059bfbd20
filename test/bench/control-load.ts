/**
 * How many `GET /v1/services` a second PID 1's control server answers, and how late its timers come by its
 * own doing meanwhile: `node test/bench/control-load.ts [SECONDS]`. The server is the real one, with twenty
 * services that log, in a process of its own; a second is one of its processor's, so that other programs
 * on the machine do not count.
 */
import { connect } from 'node:net';
import { type ControlChild, GET_SERVICES, startControlChild } from '../support/control-load.ts';

const SERVICES = 20;
const CLIENTS = 16;

/** What this project has set itself. */
const LEAST_PER_SECOND = 2000;
const MOST_LATE_MS = 20;

export interface ControlLoadFigures {
  readonly perCpuSecond: number;
  readonly perSecond: number;
  readonly ownLateMs: number;
  readonly rssKiB: number;
}

/** @param how whether a client asks again on its connection, or makes one for each question, as ours do */
export async function measureControlLoad(
  how: 'kept' | 'fresh',
  seconds: number,
): Promise<ControlLoadFigures> {
  const child = await startControlChild(SERVICES);
  try {
    // Compiled code is what a machine has after its first minutes.
    await askFor(child, how, 1);
    await child.report();
    const begun = performance.now();
    const answers = await askFor(child, how, seconds);
    const elapsedS = (performance.now() - begun) / 1000;
    const { cpuMs, ownLateMs, rssKiB } = await child.report();
    return {
      perCpuSecond: answers / (cpuMs / 1000),
      perSecond: answers / elapsedS,
      ownLateMs,
      rssKiB,
    };
  } finally {
    child.stop();
  }
}

async function askFor(
  child: ControlChild,
  how: 'kept' | 'fresh',
  seconds: number,
): Promise<number> {
  const endMs = performance.now() + seconds * 1000;
  const counts = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      let answers = 0;
      while (performance.now() < endMs) {
        const most = how === 'kept' ? Number.POSITIVE_INFINITY : 1;
        answers += await askOnOneConnection(child.socketPath, most, endMs);
      }
      return answers;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Asks, reads the whole answer, asks again; resolves with the number of answers. */
async function askOnOneConnection(path: string, most: number, endMs: number): Promise<number> {
  const socket = connect(path, () => socket.write(GET_SERVICES));
  let answers = 0;
  let missing = 0;
  socket.on('data', (chunk: Buffer) => {
    if (missing === 0) missing = lengthOfAnswer(chunk);
    missing -= chunk.length;
    if (missing > 0) return;
    missing = 0;
    answers += 1;
    if (answers < most && performance.now() < endMs) socket.write(GET_SERVICES);
    else socket.destroy();
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => resolve(answers));
  });
}

/** The head of an answer comes in one piece: it is written in one. */
function lengthOfAnswer(first: Buffer): number {
  const body = first.indexOf('\r\n\r\n') + 4;
  const length = /content-length: (\d+)/i.exec(first.toString('latin1', 0, body))?.[1];
  if (!first.toString('latin1', 0, 12).endsWith(' 200') || length === undefined) {
    throw new Error(`no answer of the control API: ${first.toString('latin1', 0, 200)}`);
  }
  return body + Number(length);
}

if (import.meta.main) {
  const seconds = Number(process.argv[2] ?? 5);
  for (const how of ['kept', 'fresh'] as const) {
    const { perCpuSecond, perSecond, ownLateMs, rssKiB } = await measureControlLoad(how, seconds);
    const reached = perCpuSecond >= LEAST_PER_SECOND && ownLateMs <= MOST_LATE_MS;
    process.stdout.write(
      `GET /v1/services, ${CLIENTS} clients, connections ${how}: ` +
        `${perCpuSecond.toFixed(0)} a second of one core (${perSecond.toFixed(0)} on this machine now), ` +
        `timers ${ownLateMs.toFixed(1)} ms late, ${(rssKiB / 1024).toFixed(0)} MiB; ` +
        `at least ${LEAST_PER_SECOND} and at most ${MOST_LATE_MS} ms: ${reached ? 'reached' : 'MISSED'}\n`,
    );
  }
}
