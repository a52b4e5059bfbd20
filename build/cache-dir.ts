/** Where everything lives that can be made again: component images, package lists, compressed parts. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** `$XDG_CACHE_HOME/ishmael`, else `~/.cache/ishmael`. It may not exist yet. */
export function cacheDir(): string {
  const xdg = process.env['XDG_CACHE_HOME'];
  // The XDG base directory specification: a relative path there is to be ignored.
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
  return join(base, 'ishmael');
}
