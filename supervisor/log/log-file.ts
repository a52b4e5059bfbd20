/**
 * A log file in memory-backed /run/log, with its rotated predecessors. Written at once and synchronously:
 * that is a copy in memory, it cannot wait, and a PID 1 that dies leaves everything it had read. Never
 * throws: when the disk is full, lines are lost and counted, and the next that fits says how many.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errnoCode } from '../../sys/errno.ts';
import { renderLines } from './format.ts';
import {
  DEFAULT_ROTATION,
  fileNames,
  isFull,
  type RotationRule,
  rotationMoves,
} from './rotation.ts';

/** A filesystem of its own in memory: full of logs, it harms nothing else in /run. */
export const LOG_DIR = '/run/log';

export class LogFile {
  private readonly path: string;
  private readonly rule: RotationRule;
  private open: { readonly fd: number; size: number } | undefined;
  private lost = 0;
  private lostWhy = '';

  /** Makes nothing yet: a unit that never writes has no file. */
  constructor(path: string, rule: RotationRule = DEFAULT_ROTATION) {
    this.path = path;
    this.rule = rule;
  }

  /** Appends rendered lines, all or none of them. */
  append(lines: readonly string[]): void {
    if (lines.length > 0) this.appendText(lines.join(''), lines.length);
  }

  /** The same for so many lines that are one text already. */
  appendText(text: string, lines: number): void {
    try {
      this.write(Buffer.from(this.lossLine() + text));
      this.lost = 0;
    } catch (error) {
      this.lost += lines;
      this.lostWhy = errnoCode(error) ?? String(error);
      this.close();
    }
  }

  /** The newest `bytes` of this log; the first line may lack its beginning. '' when there is none. */
  tail(bytes: number): string {
    let text = '';
    let missing = bytes;
    for (const name of fileNames(this.rule, this.path)) {
      if (missing <= 0) break;
      const part = readEnd(name, missing);
      missing -= part.length;
      text = part.toString('utf8') + text;
    }
    return text;
  }

  close(): void {
    if (this.open !== undefined) closeSync(this.open.fd);
    this.open = undefined;
  }

  private lossLine(): string {
    if (this.lost === 0) return '';
    return renderLines(Date.now(), [`${this.lost} lines lost: ${this.lostWhy}`]).join('');
  }

  private write(bytes: Buffer): void {
    let file = this.opened();
    if (isFull(this.rule, file.size, bytes.length)) {
      this.rotate();
      file = this.opened();
    }
    try {
      let done = 0;
      while (done < bytes.length) done += writeSync(file.fd, bytes, done);
    } catch (error) {
      // Half a line is worse than none, and what comes next would be glued to it.
      ftruncateSync(file.fd, file.size);
      throw error;
    }
    file.size += bytes.length;
  }

  private opened(): { readonly fd: number; size: number } {
    if (this.open === undefined) {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o755 });
      const fd = openSync(this.path, 'a', 0o640);
      this.open = { fd, size: fstatSync(fd).size };
    }
    return this.open;
  }

  private rotate(): void {
    this.close();
    const moves = rotationMoves(this.rule, this.path);
    if (moves.length === 0) rmSync(this.path);
    for (const { from, to } of moves) renameIfThere(from, to);
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') throw error;
  }
}

function readEnd(path: string, bytes: number): Buffer {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    // What cannot be read is not there; a log is no reason to fail.
    if (errnoCode(error) !== undefined) return Buffer.alloc(0);
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, bytes));
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, size - buffer.length));
  } finally {
    closeSync(fd);
  }
}
