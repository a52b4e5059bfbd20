/** How the machine is looked at for the conditions of launches. */
import { access } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { Sys } from '../../sys/sys.ts';
import { slowFiles } from '../slow-files.ts';
import type { Sights } from './watch-conditions.ts';

export function machineSights(sys: Pick<Sys, 'isClockSynchronized'>): Sights {
  return {
    exists(condition) {
      return slowFiles.ask(condition, () =>
        access(condition.path).then(
          () => true,
          () => false,
        ),
      );
    },
    interfaces: networkInterfaces,
    nowMs: Date.now,
    isClockSynchronized: () => sys.isClockSynchronized(),
  };
}
