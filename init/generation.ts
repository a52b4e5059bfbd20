/**
 * How often PID 1 was executed: what it remembers across its own death beside its state. Kept in /run, which only a running machine has: on a cold boot the file cannot exist, whatever the
 * kernel command line put into our environment.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { errnoCode } from '../sys/errno.ts';

const STATE_FILE = '/run/ishmael/generation.json';

/** More re-executions than this within the window mean that they do not help. */
const MAX_STARTS = 5;
const WINDOW_MS = 60_000;

export interface Generation {
  /** 0 for the process that the kernel started. */
  readonly number: number;
  /** Times of the re-executions, newest last (CLOCK_MONOTONIC, milliseconds). */
  readonly startsMs: readonly number[];
}

const FIRST: Generation = { number: 0, startsMs: [] };

/** The generation that this process is. An unreadable record counts as a re-execution of a booted machine. */
export function currentGeneration(nowMs: number): Generation {
  let text: string;
  try {
    text = readFileSync(STATE_FILE, 'utf8');
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return FIRST;
    throw error;
  }
  const last = parse(text);
  return {
    number: last.number + 1,
    startsMs: [...last.startsMs.filter((ms) => nowMs - ms < WINDOW_MS), nowMs],
  };
}

export function isCrashLoop(generation: Generation): boolean {
  return generation.startsMs.length >= MAX_STARTS;
}

/** Written beside and renamed: the next generation must never read half of it. */
export function rememberGeneration(generation: Generation): void {
  mkdirSync('/run/ishmael', { recursive: true, mode: 0o755 });
  writeFileSync(`${STATE_FILE}.new`, JSON.stringify(generation));
  renameSync(`${STATE_FILE}.new`, STATE_FILE);
}

function parse(text: string): Generation {
  try {
    return JSON.parse(text) as Generation;
  } catch {
    // Only a full /run can have cut it short. That it was mounted is what is certain.
    return { number: 1, startsMs: [] };
  }
}
