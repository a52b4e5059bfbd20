/** What the image says of its consoles, read by the console process itself: see docs/console.md. */
import { readFileSync } from 'node:fs';
import { MANIFEST_PATH, parseManifest } from '../manifest.ts';
import { type ConsolePolicy, DEFAULT_CONSOLE } from './policy.ts';

/**
 * The hash of the password comes from the file and in no other way: arguments and environment of a process
 * can be read in /proc. A manifest that cannot be read allows what an image allows that says nothing; PID 1
 * has complained about it.
 */
export function readPolicy(
  manifestPath: string = MANIFEST_PATH,
  cmdlinePath = '/proc/cmdline',
): ConsolePolicy {
  const policy = imagePolicy(manifestPath);
  return isQuietBoot(cmdlinePath) ? { ...policy, quiet: true } : policy;
}

function imagePolicy(path: string): ConsolePolicy {
  try {
    return parseManifest(readFileSync(path, 'utf8')).console ?? DEFAULT_CONSOLE;
  } catch {
    return DEFAULT_CONSOLE;
  }
}

/** A word of the kernel command line, for one boot: whoever writes that may do anything anyway. */
export function isQuietBoot(path = '/proc/cmdline'): boolean {
  try {
    return readFileSync(path, 'utf8').trim().split(/\s+/).includes('ishmael.quiet');
  } catch {
    return false;
  }
}
