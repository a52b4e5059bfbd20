/**
 * A machine has no console process until there is a need for one: somebody presses a key, something is wrong, or, where it
 * is not to be quiet, the boot is over or takes its time. Until then the processors are the services'. libuv cannot wait on
 * such a device without reading from it, so PID 1 looks.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { HistoryEntry } from '../supervisor/control/api.ts';
import type { History } from '../supervisor/history.ts';
import type { Sys } from '../sys/sys.ts';

/** A look is one system call; a person takes no notice of it beside the start of the process. */
const LOOK_MS = 200;

/** A boot that takes longer is shown while it goes on: a task may be waiting for something that does not come. */
const PATIENCE_MS = 8_000;

/** What may make a console needed, but for a key. */
export interface Needs {
  readonly isTrouble: () => boolean;
  /** Every service has run or failed once. */
  readonly isSettled: () => boolean;
}

/** When a console is needed without a key. `nowMs` does not jump. */
export function consoleNeed(
  { isTrouble, isSettled }: Needs,
  { isQuiet, nowMs }: { readonly isQuiet: boolean; readonly nowMs: () => number },
): () => boolean {
  if (isQuiet) return isTrouble;
  const lateMs = nowMs() + PATIENCE_MS;
  return () => isTrouble() || isSettled() || nowMs() >= lateMs;
}

/** Whether there has been anything that a quiet console shows without being asked. */
export function hasTrouble(history: Pick<History, 'recent'>): boolean {
  return history.recent(Number.MAX_SAFE_INTEGER).some(isWrong);
}

/** The same, from now on. */
export function watchForTrouble(history: Pick<History, 'recent' | 'follow'>): () => boolean {
  let isThere = hasTrouble(history);
  if (isThere) return () => true;
  const stop = history.follow((entry) => {
    if (!isWrong(entry)) return;
    isThere = true;
    stop();
  });
  return () => isThere;
}

function isWrong({ severity }: HistoryEntry): boolean {
  return severity !== 'info';
}

export interface WatchedLine {
  readonly device: string;
  /** Bits per second, where the kernel has not set the speed itself. */
  readonly baud?: number | undefined;
  readonly isNeeded: () => boolean;
}

/**
 * Resolves when the console is needed, with a descriptor of the line that has to stay open until the console has
 * its own: what was typed is lost with the last one. `undefined` where the line cannot be opened or is no
 * terminal, which is for the console to tell.
 */
export async function awaitNeed(
  sys: Pick<Sys, 'setKeyInput' | 'setLineSpeed' | 'hasInput'>,
  { device, baud, isNeeded }: WatchedLine,
): Promise<number | undefined> {
  const line = openLine(sys, device, baud);
  if (line === undefined) return undefined;
  while (!isNeeded() && !sys.hasInput(line)) await delay(LOOK_MS);
  return line;
}

function openLine(
  sys: Pick<Sys, 'setKeyInput' | 'setLineSpeed'>,
  device: string,
  baud: number | undefined,
): number | undefined {
  let line: number | undefined;
  try {
    line = openSync(device, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    sys.setKeyInput(line);
    if (baud !== undefined) sys.setLineSpeed(line, baud);
    return line;
  } catch {
    if (line !== undefined) closeSync(line);
    return undefined;
  }
}
