/**
 * PID 1 must not end: the kernel panics when it does. Three nets, from the mildest fault to the worst:
 * an exception that nobody caught is recorded and the loop goes on; an exit (an empty event loop
 * included) executes the binary again; a fatal signal does the same without JavaScript (crash-guard).
 *
 * The next generation gets one thing by its environment: how this one has ended.
 */
import { errorMessage } from '../sys/errno.ts';
import { ignoreEndingSignals, installCrashGuard, writeToMarked } from '../sys/linux/crash-guard.ts';
import type { Ancestry } from './generation.ts';
import { RESUMED } from './generation-plan.ts';

/** Not process.execPath: at the kernel's first exec there is no /proc yet to read it from. */
export const INIT_PATH = '/init';

const HOW = 'ISHMAEL_DIED';
const STARTS = 'ISHMAEL_STARTS';

const HOLD_MS = 2 ** 30;

/**
 * Must be the first thing that happens. `report` must not throw. Returns what the process before has
 * left, which is anybody's word as long as nothing else says that there was one: the kernel turns words
 * of its command line into our environment.
 */
export function surviveFaults(report: (text: string) => void): Ancestry {
  process.on('uncaughtException', (error, origin) => {
    const stack = error instanceof Error ? error.stack : undefined;
    report(`${origin}: ${stack ?? errorMessage(error)}`);
  });
  let isLoopEmpty = false;
  process.on('beforeExit', () => {
    isLoopEmpty = true;
  });
  process.on('exit', (code) => {
    executeAgain(isLoopEmpty ? 'an empty event loop' : `process.exit(${code})`);
  });
  // Listeners for signals do not keep an event loop alive; this does.
  setInterval(() => undefined, HOLD_MS);
  ignoreEndingSignals();
  // With the last listener libuv would bring the default back.
  process.on('SIGIO', () => undefined);
  installCrashGuard({ file: INIT_PATH, argv: [INIT_PATH], env: nextEnvironment });
  return { how: process.env[HOW] ?? 'for an unknown reason', starts: startsSoFar() };
}

/** Executes the binary again as a normal PID 1, whatever happened before. */
export function resumeNormally(): void {
  executeAgain(RESUMED);
}

function executeAgain(how: string): void {
  writeToMarked();
  process.execve?.(INIT_PATH, [INIT_PATH], { ...nextEnvironment(how) });
}

/** All of it: nothing else of ours is passed on. */
function nextEnvironment(how: string): Readonly<Record<string, string>> {
  return { [HOW]: how, [STARTS]: String(startsSoFar() + 1) };
}

function startsSoFar(): number {
  const starts = Number(process.env[STARTS] ?? 0);
  return Number.isSafeInteger(starts) ? starts : 0;
}
