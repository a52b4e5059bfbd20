import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A directory with all that are missing above it. Not mkdirSync's `recursive`: below a link to /proc, where
 * mkdir(2) answers ENOENT although the parent exists, Node 26.10 tries for ever, and with it PID 1 would
 * stand still.
 */
export function makeDirectories(path: string): void {
  if (existsSync(path)) return;
  makeDirectories(dirname(path));
  mkdirSync(path);
}
