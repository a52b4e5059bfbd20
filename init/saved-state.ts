/**
 * The supervisor's state and the boot report in /run, for a next generation of PID 1. On a cold boot the
 * file cannot exist, whatever the kernel command line put into our environment.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { errnoCode, errorMessage } from '../sys/errno.ts';
import type { BootReport } from '../supervisor/control/api.ts';
import type { Supervisor } from '../supervisor/service/state.ts';

const FILE = '/run/ishmael/state.json';
const VERSION = 1;

export interface SavedState {
  readonly version: typeof VERSION;
  readonly supervisor: Supervisor;
  readonly boot: BootReport;
}

/** What the generation before has left; `undefined` when that is nothing or cannot be understood. */
export function readSavedState(
  tell: (severity: 'error', text: string) => void,
): SavedState | undefined {
  try {
    const saved = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly version?: unknown };
    if (saved.version === VERSION) return saved as SavedState;
    tell('error', `${FILE} is of version ${String(saved.version)}: everything is started anew`);
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') tell('error', `${FILE}: ${errorMessage(error)}`);
  }
  return undefined;
}

/**
 * Writes what `latest` gives, at most once per turn of the event loop and beside the file that is there:
 * a next generation must never read half of it. A full /run is told once, and
 * when it is over.
 */
export function createStateKeeper(
  latest: () => Omit<SavedState, 'version'>,
  tell: (severity: 'info' | 'error', text: string) => void,
  file: string = FILE,
): () => void {
  let scheduled = false;
  let told = false;
  const write = (): void => {
    scheduled = false;
    try {
      writeFileSync(`${file}.new`, JSON.stringify({ version: VERSION, ...latest() }));
      renameSync(`${file}.new`, file);
      if (told) tell('info', 'the state is kept again');
      told = false;
    } catch (error) {
      if (!told) tell('error', `the state cannot be kept: ${errorMessage(error)}`);
      told = true;
    }
  };
  return () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(write);
  };
}
