/**
 * One unit's output: two FIFOs in /run, the reader on them, and the ring their lines end in.
 *
 * FIFOs and not pipes, because they have a name and outlive a re-exec of PID 1, and because a program
 * in a container can open /dev/stdout again (a child_process pipe is a socket pair, where that fails
 * with ENXIO). PID 1 holds each open for reading and writing: it never sees an end of file when a
 * container dies, and a container never gets SIGPIPE while PID 1 is replaced.
 */
import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { errnoCode } from '../../sys/errno.ts';
import type { Sys } from '../../sys/sys.ts';
import type { LogLine } from '../control/api.ts';
import { LineSplitter } from './line-splitter.ts';
import { LogRing } from './ring.ts';

const STREAMS = ['stdout', 'stderr'] as const satisfies readonly LogLine['stream'][];

export interface OutputFds {
  readonly stdout: number;
  readonly stderr: number;
}

export class UnitLog {
  readonly ring: LogRing = new LogRing();
  private readonly splitters: { stream: LogLine['stream']; splitter: LineSplitter }[] = [];
  private readonly directory: string;
  private readonly nowMs: () => number;

  private constructor(directory: string, nowMs: () => number) {
    this.directory = directory;
    this.nowMs = nowMs;
  }

  /** Makes the FIFOs below `directory`, or takes those of an earlier generation, and reads them. */
  static open(sys: Sys, directory: string, nowMs: () => number): UnitLog {
    const log = new UnitLog(directory, nowMs);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const stream of STREAMS) log.read(sys, stream);
    return log;
  }

  /** The write ends for a new container; the caller closes them once the runtime has taken them. */
  openOutputs(): OutputFds {
    const stdout = openSync(this.path('stdout'), 'w');
    return { stdout, stderr: openSync(this.path('stderr'), 'w') };
  }

  /** Ends unfinished lines: the run that was writing them is over. */
  flush(): void {
    for (const { stream, splitter } of this.splitters) {
      const text = splitter.flush();
      if (text !== undefined) this.ring.add(this.nowMs(), stream, text);
    }
  }

  private path(stream: LogLine['stream']): string {
    return `${this.directory}/${stream}`;
  }

  private read(sys: Sys, stream: LogLine['stream']): void {
    try {
      sys.mkfifo(this.path(stream), 0o600);
    } catch (error) {
      if (errnoCode(error) !== 'EEXIST') throw error;
    }
    const fd = openSync(this.path(stream), constants.O_RDWR | constants.O_NONBLOCK);
    const splitter = new LineSplitter();
    this.splitters.push({ stream, splitter });
    const socket = new Socket({ fd, readable: true, writable: false });
    socket.on('data', (chunk: Buffer) => {
      for (const text of splitter.push(chunk)) this.ring.add(this.nowMs(), stream, text);
    });
    // Reading a FIFO we hold open ourselves cannot end; if it fails all the same, the unit runs on
    // without a log, and the log says so.
    socket.on('error', (error) =>
      this.ring.add(this.nowMs(), stream, `log lost: ${error.message}`),
    );
  }
}

export function closeOutputs(fds: OutputFds): void {
  closeSync(fds.stdout);
  closeSync(fds.stderr);
}
