/**
 * PID 1 must not end: the kernel panics when it does. Three nets, from the mildest fault to the worst:
 * an exception that nobody caught is recorded and the loop goes on; an exit (an empty event loop
 * included) executes the binary again; a fatal signal does the same without JavaScript (crash-guard).
 */
import { errorMessage } from '../sys/errno.ts';
import { installCrashGuard } from '../sys/linux/crash-guard.ts';

/** Not process.execPath: at the kernel's first exec there is no /proc yet to read it from. */
export const INIT_PATH = '/init';

/**
 * The environment of the next generation. Nothing of ours is passed on: the kernel turns words of its
 * command line into our environment, which makes it anybody's.
 */
const NEXT_ENVIRONMENT: Readonly<Record<string, string>> = {};

const HOLD_MS = 2 ** 30;

/** Must be the first thing that happens. `report` must not throw. */
export function surviveFaults(report: (text: string) => void): void {
  process.on('uncaughtException', (error, origin) => {
    const stack = error instanceof Error ? error.stack : undefined;
    report(`${origin}: ${stack ?? errorMessage(error)}`);
  });
  process.on('exit', () => {
    process.execve?.(INIT_PATH, [INIT_PATH], { ...NEXT_ENVIRONMENT });
  });
  // Listeners for signals do not keep an event loop alive; this does.
  setInterval(() => undefined, HOLD_MS);
  installCrashGuard({ file: INIT_PATH, argv: [INIT_PATH], env: () => NEXT_ENVIRONMENT });
}
