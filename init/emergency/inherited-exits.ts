/**
 * How containers have ended while PID 1 was in emergency mode. Whoever collects a child is the last to
 * know, so it is written down for the generation that a person resumes.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { errnoCode } from '../../sys/errno.ts';
import type { Exit } from '../../sys/exit.ts';

const FILE = '/run/ishmael/exits.json';

/** Throws the errno error: a full /run. */
export function writeExits(exits: ReadonlyMap<number, Exit>, file: string = FILE): void {
  writeFileSync(`${file}.new`, JSON.stringify([...exits]));
  renameSync(`${file}.new`, file);
}

/** By pid; empty when there are none or what is there cannot be understood. */
export function readExits(file: string = FILE): ReadonlyMap<number, Exit> {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as [number, Exit][]);
  } catch (error) {
    if (errnoCode(error) !== undefined || error instanceof SyntaxError) return new Map();
    throw error;
  }
}

/** Once they are known to the supervisor: a pid may belong to somebody else by then. */
export function forgetExits(file: string = FILE): void {
  rmSync(file, { force: true });
}
