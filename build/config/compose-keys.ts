/**
 * Keys of compose that have no counterpart here and are no typing errors. Pure.
 */
import type { ConfigPath } from './places.ts';

/** Why the key does not exist; `undefined` for any other. */
export function composeReason(path: ConfigPath, key: string): string | undefined {
  if (path.includes('dependsOn') && key === 'restart') {
    return 'compose\'s "restart" is not here: a service goes on when one it depends on is started again';
  }
  if (path.length === 2 && path[0] === 'services' && key === 'deploy') {
    return 'compose\'s "deploy" is not read: say "restart" (on-failure:5, …) and "resources" here';
  }
  if (path.length === 2 && key === 'logging') {
    return 'compose\'s "logging" is not here: say "log: {maxSize, maxFiles, rate}", and "syslog" at the top level';
  }
  return undefined;
}
