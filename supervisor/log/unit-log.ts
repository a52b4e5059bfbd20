/**
 * One unit's output: two FIFOs in /run, the readers on them, the ring with the newest lines, and the
 * files with more of them. What the files hold is what a next generation of PID 1 starts its ring with.
 *
 * FIFOs and not pipes, because they have a name and outlive a re-exec of PID 1, and because a program
 * in a container can open /dev/stdout again (a child_process pipe is a socket pair, where that fails
 * with ENXIO). PID 1 holds each open for reading and writing: it never sees an end of file when a
 * container dies, and a container never gets SIGPIPE while PID 1 is replaced.
 */
import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { errnoCode } from '../../sys/errno.ts';
import type { Sys } from '../../sys/sys.ts';
import type { UnitStream } from '../control/api.ts';
import { type FileLine, mergeLines, parseLines, renderLines } from './format.ts';
import { LineSplitter } from './line-splitter.ts';
import { LogFile } from './log-file.ts';
import { RateLimit, type RateRule } from './rate-limit.ts';
import { LogRing, RING_BYTES } from './ring.ts';
import type { RotationRule } from './rotation.ts';
import { readStream } from './stream-reader.ts';

type StreamName = Exclude<UnitStream, 'syslog'>;
const STREAMS = ['stdout', 'stderr'] as const satisfies readonly StreamName[];

export interface OutputFds {
  readonly stdout: number;
  readonly stderr: number;
}

export interface UnitLogSetup {
  readonly sys: Sys;
  /** Where the two FIFOs are made, or those of an earlier generation are taken. */
  readonly fifoDir: string;
  /** Where `stdout.log` and `stderr.log` are written. */
  readonly fileDir: string;
  /** The clock of `LogLine.atMs`. */
  readonly nowMs: () => number;
  readonly rate?: RateRule;
  readonly rotation?: RotationRule;
}

interface Stream {
  readonly name: StreamName;
  readonly splitter: LineSplitter;
  readonly file: LogFile;
}

export class UnitLog {
  readonly ring: LogRing = new LogRing();
  private readonly setup: UnitLogSetup;
  private readonly rate: RateLimit;
  private readonly streams: Record<StreamName, Stream>;
  private readonly closers: (() => void)[] = [];
  private reportTimer: NodeJS.Timeout | undefined;

  private constructor(setup: UnitLogSetup) {
    this.setup = setup;
    this.rate = new RateLimit(setup.rate);
    this.streams = { stdout: makeStream(setup, 'stdout'), stderr: makeStream(setup, 'stderr') };
  }

  static open(setup: UnitLogSetup): UnitLog {
    const log = new UnitLog(setup);
    log.refill();
    mkdirSync(setup.fifoDir, { recursive: true, mode: 0o700 });
    for (const name of STREAMS) log.read(log.streams[name]);
    return log;
  }

  /** The write ends for a new container; the caller closes them once the runtime has taken them. */
  openOutputs(): OutputFds {
    // For reading too: while PID 1 is executed again the container itself keeps the FIFO alive, and
    // what it writes waits there instead of ending it with SIGPIPE.
    const stdout = openSync(this.fifo('stdout'), 'r+');
    try {
      return { stdout, stderr: openSync(this.fifo('stderr'), 'r+') };
    } catch (error) {
      closeSync(stdout);
      throw error;
    }
  }

  /** Ends unfinished lines: the run that was writing them is over. */
  flush(): void {
    for (const name of STREAMS) {
      const text = this.streams[name].splitter.flush();
      if (text !== undefined) this.keep(this.streams[name], [text]);
    }
  }

  close(): void {
    clearTimeout(this.reportTimer);
    for (const close of this.closers) close();
    for (const name of STREAMS) this.streams[name].file.close();
  }

  private fifo(name: StreamName): string {
    return `${this.setup.fifoDir}/${name}`;
  }

  private read(stream: Stream): void {
    const path = this.fifo(stream.name);
    try {
      this.setup.sys.mkfifo(path, 0o600);
    } catch (error) {
      if (errnoCode(error) !== 'EEXIST') throw error;
    }
    const close = readStream(openSync(path, constants.O_RDWR | constants.O_NONBLOCK), {
      onChunk: (chunk) => this.take(stream, chunk),
      // Reading a FIFO we hold open ourselves cannot end; if it fails all the same, the unit runs on
      // without a log, and the log says so.
      onError: (error) => this.keep(stream, [`log lost: ${error.message}`]),
    });
    this.closers.push(close);
  }

  private take(stream: Stream, chunk: Buffer): void {
    const nowMs = this.setup.nowMs();
    this.reportDropped(nowMs);
    const { lines, dropped } = stream.splitter.push(chunk, this.rate.room(nowMs));
    this.rate.count(lines.length, dropped);
    this.keep(stream, lines);
    this.reportLater();
  }

  private keep({ name, file }: Stream, lines: readonly string[]): void {
    if (lines.length === 0) return;
    const atMs = this.setup.nowMs();
    // First the file: what PID 1 dies with is what it has not written.
    file.append(renderLines(Date.now(), lines));
    for (const text of lines) this.ring.add(atMs, name, text);
  }

  private reportDropped(nowMs: number): void {
    const report = this.rate.takeReport(nowMs);
    if (report !== undefined) this.keep(this.streams.stderr, [report]);
  }

  /** A unit that was cut off and then falls silent still gets its line. */
  private reportLater(): void {
    const dueMs = this.rate.reportDueMs;
    if (dueMs === undefined || this.reportTimer !== undefined) return;
    const report = (): void => {
      this.reportTimer = undefined;
      this.reportDropped(this.setup.nowMs());
      this.reportLater();
    };
    this.reportTimer = setTimeout(report, Math.ceil(dueMs - this.setup.nowMs()) + 1);
  }

  private refill(): void {
    const monotonicToWallMs = Date.now() - this.setup.nowMs();
    const lines = (name: StreamName): FileLine[] =>
      parseLines(this.streams[name].file.tail(RING_BYTES));
    const nowMs = this.setup.nowMs();
    for (const { wallMs, from, text } of mergeLines({
      stdout: lines('stdout'),
      stderr: lines('stderr'),
    })) {
      // The clock may have been set since: such a line is no older than the machine, nor of tomorrow.
      const atMs = Math.min(Math.max(0, wallMs - monotonicToWallMs), nowMs);
      this.ring.add(atMs, from, text);
    }
  }
}

function makeStream({ fileDir, rotation }: UnitLogSetup, name: StreamName): Stream {
  const file = new LogFile(`${fileDir}/${name}.log`, rotation);
  return { name, splitter: new LineSplitter(), file };
}

export function closeOutputs(fds: OutputFds): void {
  closeSync(fds.stdout);
  closeSync(fds.stderr);
}
