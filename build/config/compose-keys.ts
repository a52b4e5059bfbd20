/**
 * Keys of compose that have no counterpart here, although the map they stand in is compose's. Pure.
 */
import type { ConfigPath } from './places.ts';

/** Why the key does not exist; `undefined` for any other. */
export function composeReason(path: ConfigPath, key: string): string | undefined {
  if (path.includes('dependsOn') && key === 'restart') {
    return 'compose\'s "restart" is not here: a service goes on when one it depends on is started again';
  }
  return undefined;
}
