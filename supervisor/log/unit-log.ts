/**
 * One unit's output: two FIFOs in /run, a socket for its /dev/log where it asks for that, the readers on
 * them, the ring with the newest lines, and the files with more of them. What the files hold is what a next
 * generation of PID 1 starts its ring with.
 *
 * FIFOs and not pipes, because they have a name and outlive a re-exec of PID 1, and because a program
 * in a container can open /dev/stdout again (a child_process pipe is a socket pair, where that fails
 * with ENXIO). PID 1 holds each open for reading and writing: it never sees an end of file when a
 * container dies, and a container never gets SIGPIPE while PID 1 is replaced.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoCode } from '../../sys/errno.ts';
import type { Sys } from '../../sys/sys.ts';
import type { UnitStream } from '../control/api.ts';
import { type FileLine, mergeLines, parseLines, renderText } from './format.ts';
import { LineSplitter } from './line-splitter.ts';
import { LogFile } from './log-file.ts';
import { splitPriority, withPriority } from './priority.ts';
import { RateLimit, type RateRule } from './rate-limit.ts';
import { openOutputs, type OutputFds } from './outputs.ts';
import { LogRing, RING_BYTES } from './ring.ts';
import type { RotationRule } from './rotation.ts';
import { readStream, type StreamReader } from './stream-reader.ts';
import { parseSyslog, syslogLines } from './syslog-message.ts';
import { watchDatagrams } from '../watch-datagrams.ts';

type StreamName = Exclude<UnitStream, 'syslog'>;
const STREAMS = ['stdout', 'stderr'] as const satisfies readonly StreamName[];

export interface UnitLogSetup {
  readonly sys: Sys;
  /** Where the two FIFOs are made, or those of an earlier generation are taken. */
  readonly fifoDir: string;
  /** Where `stdout.log`, `stderr.log` and `syslog.log` are written. */
  readonly fileDir: string;
  /** The clock of `LogLine.atMs`. */
  readonly nowMs: () => number;
  /** Where the socket is that the container finds as /dev/log; absent for one that has not asked. */
  readonly devLogPath?: string;
  /**
   * Called when a read of its output stands in the kernel. Returns the function that is called when it has come
   * back after all.
   */
  readonly whileStanding?: () => () => void;
  readonly rate?: RateRule;
  readonly rotation?: RotationRule;
}

const CATCH_UP_MS = 1000;

/** Before that, nobody has to know. */
const TELL_STANDING_MS = 10_000;

interface Output {
  readonly name: UnitStream;
  readonly file: LogFile;
}

interface Stream extends Output {
  readonly name: StreamName;
  readonly splitter: LineSplitter;
}

export class UnitLog {
  readonly ring: LogRing = new LogRing();
  private readonly setup: UnitLogSetup;
  private readonly rate: RateLimit;
  private readonly streams: Record<StreamName, Stream>;
  private readonly syslog: Output;
  private readonly readers: StreamReader[] = [];
  private stopListening: (() => void) | undefined;
  private reportTimer: NodeJS.Timeout | undefined;

  private constructor(setup: UnitLogSetup) {
    this.setup = setup;
    this.rate = new RateLimit(setup.rate);
    this.streams = { stdout: makeStream(setup, 'stdout'), stderr: makeStream(setup, 'stderr') };
    this.syslog = makeOutput(setup, 'syslog');
  }

  static open(setup: UnitLogSetup): UnitLog {
    const log = new UnitLog(setup);
    log.refill();
    mkdirSync(setup.fifoDir, { recursive: true, mode: 0o700 });
    for (const name of STREAMS) log.read(log.streams[name]);
    if (setup.devLogPath !== undefined) log.listen(setup.devLogPath);
    return log;
  }

  /** The write ends for a new container; the caller closes them once the runtime has taken them. */
  async openOutputs(): Promise<OutputFds> {
    return openOutputs(this.outputPaths);
  }

  /** The FIFOs that its outputs are read from, for who writes there in its place. */
  get outputPaths(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.fifo('stdout'), stderr: this.fifo('stderr') };
  }

  /** As in the setup, for what else its programs write to PID 1. */
  get whileStanding(): UnitLogSetup['whileStanding'] {
    return this.setup.whileStanding;
  }

  /** Ends unfinished lines: the run that was writing them is over. Reads what it has written before. */
  async flush(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    // Somebody who has outlived it may write without end.
    const timer = setTimeout(resolve, CATCH_UP_MS);
    await Promise.race([Promise.all(this.readers.map(async (reader) => reader.caughtUp())), late]);
    clearTimeout(timer);
    for (const name of STREAMS) {
      const text = this.streams[name].splitter.flush();
      if (text !== undefined) this.keep(this.streams[name], [text]);
    }
  }

  close(): void {
    clearTimeout(this.reportTimer);
    for (const reader of this.readers) reader.close();
    this.stopListening?.();
    for (const { file } of [...Object.values(this.streams), this.syslog]) file.close();
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
    const reader = readStream(this.setup.sys, path, {
      onChunk: (chunk) => this.take(stream, chunk),
      onStanding: () => this.stand(stream.name),
      // Reading a FIFO we hold open ourselves cannot end; if it fails all the same, the unit runs on
      // without a log, and the log says so.
      onError: (error) => this.keep(stream, [`log lost: ${error.message}`]),
    });
    this.readers.push(reader);
  }

  private stand(name: StreamName): () => void {
    const over = this.setup.whileStanding?.();
    const tell = (): void => this.keep(this.streams.stderr, [standsText(name)]);
    const later = setTimeout(tell, TELL_STANDING_MS);
    return () => {
      clearTimeout(later);
      over?.();
    };
  }

  private take(stream: Stream, chunk: Buffer): void {
    const nowMs = this.setup.nowMs();
    this.reportDropped(nowMs);
    const { lines, dropped } = stream.splitter.push(chunk, this.rate.room(nowMs));
    this.rate.count(lines.length, dropped);
    this.keep(stream, lines);
    this.reportLater();
  }

  /** Whatever a container writes: the socket is its own, and its mode lets every user of the container in. */
  private listen(path: string): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const { sys } = this.setup;
    this.stopListening = watchDatagrams(sys, path, 0o666, (bytes) => this.takeDatagram(bytes));
  }

  private takeDatagram(bytes: Uint8Array): void {
    const nowMs = this.setup.nowMs();
    this.reportDropped(nowMs);
    const room = this.rate.room(nowMs);
    if (room > 0) {
      const message = parseSyslog(bytes);
      const lines = syslogLines(message);
      const kept = lines.slice(0, room);
      this.rate.count(kept.length, lines.length - kept.length);
      this.keep(this.syslog, kept, message.priority);
    } else {
      // Not looked into, so that a flood costs little: it counts as one line.
      this.rate.count(0, 1);
    }
    this.reportLater();
  }

  private keep({ name, file }: Output, lines: readonly string[], priority?: number): void {
    if (lines.length === 0) return;
    const atMs = this.setup.nowMs();
    const texts =
      priority === undefined ? lines : lines.map((text) => withPriority(priority, text));
    // First the file: what PID 1 dies with is what it has not written.
    file.appendText(renderText(Date.now(), texts), texts.length);
    for (const text of lines) this.ring.add(atMs, name, text, priority);
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
    const lines = ({ file }: Output): FileLine[] => parseLines(file.tail(RING_BYTES));
    const nowMs = this.setup.nowMs();
    for (const { wallMs, from, text } of mergeLines({
      stdout: lines(this.streams.stdout),
      stderr: lines(this.streams.stderr),
      syslog: lines(this.syslog),
    })) {
      // The clock may have been set since: such a line is no older than the machine, nor of tomorrow.
      const atMs = Math.min(Math.max(0, wallMs - monotonicToWallMs), nowMs);
      const graded = from === 'syslog' ? splitPriority(text) : undefined;
      this.ring.add(atMs, from, graded?.text ?? text, graded?.priority);
    }
  }
}

function makeStream(setup: UnitLogSetup, name: StreamName): Stream {
  return { ...makeOutput(setup, name), name, splitter: new LineSplitter() };
}

function makeOutput({ fileDir, rotation }: UnitLogSetup, name: UnitStream): Output {
  return { name, file: new LogFile(`${fileDir}/${name}.log`, rotation) };
}

function standsText(name: StreamName): string {
  return `${name} is not read: a sendfile(2) or splice(2) into it keeps it locked while it waits for its own input`;
}
