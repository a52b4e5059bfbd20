/**
 * The kernel's log: /dev/kmsg into a ring and into /run/log/kernel.log.
 *
 * libuv cannot wait for the device, and a read that waits would hold one of its four threads for good. So it
 * is asked once a second, and sooner while there is much to read; the kernel's own buffer keeps what comes
 * meanwhile. Reading shares the time that logs may take (read-share.ts).
 *
 * Each line of the file has the record's number: a next generation of PID 1 reads the device from its
 * beginning and writes only what is not there yet.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { errnoCode } from '../../sys/errno.ts';
import { renderLines } from './format.ts';
import { parseKmsg } from './kmsg.ts';
import { LOG_DIR, LogFile } from './log-file.ts';
import { priorityOf, splitPriority, WARNING, withPriority } from './priority.ts';
import { readShare } from './read-share.ts';
import { LogRing } from './ring.ts';

const DEVICE = '/dev/kmsg';
/** What a kernel says while it boots is more than one service's newest lines. */
const RING_BYTES = 262_144;
/** A record with its dictionary is at most 8 KiB (PRINTK_MESSAGE_MAX is 2 KiB, each byte up to four long). */
const RECORD_BYTES = 16_384;
const LAST_LINES_BYTES = 4 * RECORD_BYTES;
const IDLE_MS = 1000;
const BUSY_MS = 50;
/** Between two looks at the clock. */
const BATCH = 32;
const KERN = 0;

export interface KernelLogSetup {
  /** The clock of `LogLine.atMs`, which the kernel's is too. */
  readonly nowMs: () => number;
  readonly file?: LogFile;
  readonly openDevice?: () => RecordSource;
}

export interface RecordSource {
  /** The next record, or `overwritten` where the next one is gone, or `undefined` when there is none yet. */
  read(): Buffer | 'overwritten' | undefined;
  close(): void;
}

export interface KernelLog {
  readonly ring: LogRing;
  /** Reads what there is now, as far as the time allows. */
  poll(): void;
  close(): void;
}

/** Throws the errno error when there is no such device. */
export function watchKernelLog(setup: KernelLogSetup): KernelLog {
  const { nowMs, file = new LogFile(`${LOG_DIR}/kernel.log`) } = setup;
  const source = (setup.openDevice ?? openDevice)();
  const ring = new LogRing(RING_BYTES);
  /** The number of the next record that the file has not got. */
  let next = lastNumber(file.tail(LAST_LINES_BYTES)) + 1;
  let timer: NodeJS.Timeout | undefined;

  function take(bytes: Buffer, toFile: string[]): void {
    const record = parseKmsg(bytes);
    if (record === undefined) return;
    const { priority, seq, atMs, lines } = record;
    const wallMs = Date.now() - nowMs() + atMs;
    if (seq > next) tellLost(seq - next, seq - 1, atMs, wallMs, toFile);
    for (const text of lines) ring.add(atMs, 'kernel', text, priority);
    if (seq < next) return;
    toFile.push(...renderLines(wallMs, lines.map(numbered(priority, seq))));
    next = seq + 1;
  }

  function tellLost(
    count: number,
    seq: number,
    atMs: number,
    wallMs: number,
    toFile: string[],
  ): void {
    const priority = priorityOf(KERN, WARNING);
    const text = `${count} kernel messages lost: overwritten before they were read`;
    ring.add(atMs, 'kernel', text, priority);
    toFile.push(...renderLines(wallMs, [text].map(numbered(priority, seq))));
  }

  /** Whether there may be more. */
  function readBatch(): boolean {
    const toFile: string[] = [];
    let more = true;
    for (let count = 0; more && count < BATCH; count += 1) {
      const record = source.read();
      if (record === undefined) more = false;
      else if (record !== 'overwritten') take(record, toFile);
    }
    file.append(toFile);
    return more;
  }

  function poll(): void {
    clearTimeout(timer);
    let pauseMs = 0;
    let more = true;
    let busy = false;
    while (more && pauseMs === 0) {
      const fromMs = performance.now();
      more = readBatch();
      busy ||= more;
      pauseMs = readShare.spend(fromMs, performance.now());
    }
    // Not a reason to live: a PID 1 whose loop has nothing else left to wait for is to begin anew.
    timer = setTimeout(poll, more ? pauseMs : busy ? BUSY_MS : IDLE_MS).unref();
  }

  timer = setTimeout(poll, 0).unref();
  return {
    ring,
    poll,
    close() {
      clearTimeout(timer);
      source.close();
      file.close();
    },
  };
}

function numbered(priority: number, seq: number): (text: string) => string {
  return (text) => withPriority(priority, `${seq}: ${text}`);
}

/** The number of the newest record in a file's text; -1 when there is none. */
function lastNumber(text: string): number {
  const lines = text.trimEnd().split('\n');
  for (const line of lines.toReversed()) {
    const rest = splitPriority(line.slice(line.indexOf(' ') + 1))?.text;
    const [, number] = /^(\d+): /.exec(rest ?? '') ?? [];
    if (number !== undefined) return Number(number);
  }
  return -1;
}

function openDevice(): RecordSource {
  const fd = openSync(DEVICE, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.allocUnsafeSlow(RECORD_BYTES);
  return {
    read() {
      try {
        return buffer.subarray(0, readSync(fd, buffer));
      } catch (error) {
        if (errnoCode(error) === 'EPIPE') return 'overwritten';
        // EAGAIN: nothing new. Whatever else it may be is asked again as seldom.
        if (errnoCode(error) !== undefined) return undefined;
        throw error;
      }
    },
    close: () => closeSync(fd),
  };
}
