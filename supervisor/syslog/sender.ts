/**
 * Sends what is queued for one receiver, for as long as the process lives. A line leaves the queue once it
 * has been sent, so that none is sent twice; a receiver that cannot be reached is tried again after a while.
 *
 *   idle        nothing is queued
 *   connected   one line after another, and in front of them how many were lost, if any
 *   waiting     1 s, doubled up to 30 s each time that nothing could be sent
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { MachineLogLine } from '../control/api.ts';
import { priorityOf, WARNING } from '../log/priority.ts';
import type { Connection } from './connection.ts';
import { LineQueue } from './line-queue.ts';
import { encodeMessage } from './message.ts';
import type { SyslogTarget } from './target.ts';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** RFC 5424 §6.2.1: messages that the syslog system itself generates. */
const SYSLOG = 5;

export interface SenderContext {
  readonly connect: (target: SyslogTarget) => Promise<Connection>;
  readonly hostname: () => string;
  /** CLOCK_MONOTONIC, as lines have it. */
  readonly nowMs: () => number;
  readonly queue?: LineQueue;
  readonly firstWaitMs?: number;
}

export interface Sender {
  push(line: MachineLogLine): void;
  countLost(count: number): void;
}

export function startSender(target: SyslogTarget, context: SenderContext): Sender {
  const { queue = new LineQueue(), firstWaitMs = FIRST_WAIT_MS, nowMs } = context;
  let sequence = 1;
  let isBusy = false;

  function encode(line: MachineLogLine): Buffer {
    // Asked again for each line: the clock may have been set since it was written.
    const wallMs = Date.now() - nowMs() + line.atMs;
    const { facility } = target;
    return encodeMessage(line, { wallMs, hostname: context.hostname(), facility, sequence });
  }

  async function send(connection: Connection, line: MachineLogLine): Promise<void> {
    await connection.send(encode(line));
    sequence += 1;
  }

  /** Whether anything was sent before the way was lost. */
  async function drain(connection: Connection): Promise<boolean> {
    let sentAny = false;
    try {
      for (let line = queue.peek(); line !== undefined; line = queue.peek()) {
        const { lost } = queue;
        if (lost > 0) {
          await send(connection, lossLine(lost, nowMs()));
          queue.takeLost(lost);
        } else {
          await send(connection, line);
          // While it was on its way it may have given way to newer ones.
          if (queue.peek() === line) queue.shift();
          else queue.countLost(-1);
        }
        sentAny = true;
      }
    } catch {
      // The line is still there, and the next connection begins with it.
    }
    return sentAny;
  }

  async function run(): Promise<void> {
    let waitMs = firstWaitMs;
    while (queue.peek() !== undefined) {
      const connection = await kept.get().catch(() => undefined);
      if (connection !== undefined && (await drain(connection))) waitMs = firstWaitMs;
      if (queue.peek() === undefined) return;
      kept.drop();
      await delay(waitMs);
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
  }

  const kept = keepConnection(() => context.connect(target));

  function wake(): void {
    if (isBusy) return;
    isBusy = true;
    void run().finally(() => {
      isBusy = false;
      // What came between the last look and now.
      if (queue.peek() !== undefined) wake();
    });
  }

  return {
    push(line) {
      if (!isWanted(target, line)) return;
      queue.push(line);
      wake();
    },
    countLost: (count) => queue.countLost(count),
  };
}

/** One connection as long as it is good. */
function keepConnection(connect: () => Promise<Connection>): {
  get(): Promise<Connection>;
  drop(): void;
} {
  let connection: Connection | undefined;
  return {
    async get() {
      connection ??= await connect();
      return connection;
    },
    drop() {
      connection?.close();
      connection = undefined;
    },
  };
}

function isWanted({ logs }: SyslogTarget, { unit, stream }: MachineLogLine): boolean {
  return logs === undefined || logs.includes(unit ?? stream);
}

function lossLine(count: number, atMs: number): MachineLogLine {
  const priority = priorityOf(SYSLOG, WARNING);
  const text = `${count} lines lost: the receiver of these messages could not be reached in time`;
  return { seq: 0, atMs, stream: 'ishmael', priority, text };
}
