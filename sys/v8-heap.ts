import { setFlagsFromString, getHeapStatistics } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What V8 has of its heap, and the way to make it smaller. */
export interface V8Heap {
  /** Objects, those included that nobody holds any more. */
  usedBytes(): number;
  /** Collects all that can be, moves what is left together, and frees the pages after some seconds. Blocks for about 20 ms. */
  collect(): void;
}

type Gc = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

let gc: Gc | undefined;

export const v8Heap: V8Heap = {
  usedBytes: () => getHeapStatistics().used_heap_size,
  collect() {
    gc ??= findGc();
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  },
};

/**
 * V8 shows the function to contexts that are made while the flag is on. Not on the command line: code
 * caches made without the flag would be rejected, and a context that has it is what scripts run in.
 */
function findGc(): Gc {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc') as Gc;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
