/**
 * Writes down each event before the reducer sees it, so that what PID 1 did, or died of, can be played
 * again elsewhere (service/replay.ts has the format). Written at once, like the logs and beside them; an
 * event is a line of about 90 bytes in memory. Full files are compressed: 40 of them are 5 MiB of
 * events, which is a week of a service that crashes once a minute, in about a tenth of the memory.
 *
 * Never throws. Events that cannot be written are counted, and the next that can begins with the state.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errnoCode } from '../sys/errno.ts';
import { LOG_DIR } from './log/log-file.ts';
import type { Event } from './service/event.ts';
import { RECORDING, RECORDING_VERSION, type RecordingStart } from './service/replay.ts';
import type { Supervisor } from './service/state.ts';

export const EVENTS_FILE: string = `${LOG_DIR}/events.jsonl`;

export interface EventRecordSetup {
  /** The clock of the events, and how often PID 1 was executed again. */
  readonly nowMs: () => number;
  readonly generation: number;
  readonly path?: string;
  /** Of events, before compression; the state they start from comes on top. */
  readonly maxFileBytes?: number;
  /** Compressed predecessors: `events.jsonl.1.gz`, the newest, and so on. */
  readonly maxOlder?: number;
}

interface OpenFile {
  readonly fd: number;
  size: number;
  /** Without the state that this process wrote first. */
  eventBytes: number;
  /** Whether it has that state. */
  begun: boolean;
}

export class EventRecord {
  private readonly setup: EventRecordSetup;
  private readonly path: string;
  private file: OpenFile | undefined;
  private lost = 0;
  private begun = false;

  constructor(setup: EventRecordSetup) {
    this.setup = setup;
    this.path = setup.path ?? EVENTS_FILE;
  }

  /** To be called once the place for it is there. Events before that are left out, but not lost. */
  begin(): void {
    this.begun = true;
  }

  /** `before` is the state that the event meets. */
  add(event: Event, before: Supervisor): void {
    if (!this.begun) return;
    // The watchdog asks by an event about nobody, several times a minute, whether the reducer answers.
    if ('id' in event && event.id === '') return;
    try {
      this.write(`${JSON.stringify(event)}\n`, before);
    } catch {
      // Whatever it was, most likely a full disk: the count is what a reader gets to know of it.
      this.lost += 1;
      this.close();
    }
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file.fd);
    this.file = undefined;
  }

  private write(line: string, before: Supervisor): void {
    const { maxFileBytes = 131_072 } = this.setup;
    let file = this.file ?? this.open();
    if (file.eventBytes > 0 && file.eventBytes + line.length > maxFileBytes) {
      this.rotate();
      file = this.open();
    }
    this.append(file, file.begun ? line : this.start(before) + line);
    if (!file.begun) this.lost = 0;
    file.begun = true;
    file.eventBytes += line.length;
  }

  private open(): OpenFile {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o755 });
    const fd = openSync(this.path, 'a', 0o640);
    const { size } = fstatSync(fd);
    this.file = { fd, size, eventBytes: size, begun: false };
    return this.file;
  }

  private start(supervisor: Supervisor): string {
    const { nowMs, generation } = this.setup;
    const start: RecordingStart = {
      recording: RECORDING,
      version: RECORDING_VERSION,
      atMs: nowMs(),
      wallMs: Date.now(),
      generation,
      lost: this.lost,
      supervisor,
    };
    return `${JSON.stringify(start)}\n`;
  }

  private append(file: OpenFile, text: string): void {
    const bytes = Buffer.from(text);
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(file.fd, bytes, done);
    } catch (error) {
      // Half a line would be glued to the next one.
      ftruncateSync(file.fd, file.size);
      throw error;
    }
    file.size += bytes.length;
  }

  private rotate(): void {
    this.close();
    const { maxOlder = 40 } = this.setup;
    const name = (number: number): string => `${this.path}.${number}.gz`;
    for (let number = maxOlder - 1; number >= 1; number -= 1) {
      renameIfThere(name(number), name(number + 1));
    }
    try {
      // Loaded when the first file is full, hours or days after the boot.
      const { gzipSync } = process.getBuiltinModule('node:zlib');
      writeFileSync(name(1), gzipSync(readFileSync(this.path)), { mode: 0o640 });
    } finally {
      // Also when there was no room for it: what happens next is worth more than what was.
      rmSync(this.path, { force: true });
    }
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') throw error;
  }
}
