/**
 * How often PID 1 was executed and how it died: what it remembers across its own death beside its state.
 * The record is in /run, which only a running machine has: on a cold boot the file cannot exist, whatever
 * the kernel command line put into our environment.
 *
 * It is written over in place, one page by one write(2): a loop of crashes must be seen as one even
 * when /run is full and has no page left for a second file.
 */
import { closeSync, constants, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoCode } from '../sys/errno.ts';
import { FIRST, type Generation, isEarlyLoop, nextGeneration } from './generation-plan.ts';

const RECORD = '/run/ishmael/generation.json';
const RECORD_BYTES = 4096;

export interface Ancestry {
  /** How the process before this one ended, as it left it in our environment. */
  readonly how: string;
  /** How often we were executed again, by the same way; counts only without a record. */
  readonly starts: number;
}

/** The generation that this process is. An unreadable record counts as a re-execution of a booted machine. */
export function currentGeneration(
  nowMs: number,
  { how, starts }: Ancestry,
  file: string = RECORD,
): Generation {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') throw error;
    // Whoever writes the kernel command line may forge the number, and could as well write init=.
    return isEarlyLoop(starts) ? { ...FIRST, mode: 'given up' } : FIRST;
  }
  return nextGeneration(parse(text), nowMs, how);
}

/** Can be called as soon as there is a /run, and should be at once. */
export function rememberGeneration(generation: Generation, file: string = RECORD): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  const page = Buffer.alloc(RECORD_BYTES, ' ');
  // Ten deaths of the greatest length fill three quarters of it; white space after JSON is JSON.
  page.write(JSON.stringify(generation));
  const fd = openSync(file, constants.O_WRONLY | constants.O_CREAT, 0o644);
  try {
    writeSync(fd, page, 0, RECORD_BYTES, 0);
  } finally {
    closeSync(fd);
  }
}

function parse(text: string): Generation {
  try {
    return JSON.parse(text) as Generation;
  } catch {
    // Nothing of ours writes half of it. That /run was mounted is what is certain.
    return { ...FIRST, number: 1 };
  }
}
