/**
 * Lets so many pieces of work go on at once and the others wait, first come, first served. A hundred
 * services that start together must not be a hundred runtimes on two processors.
 *
 * What finishes something comes before what begins something: a created container that is not started yet
 * keeps a process of the runtime, and with runc 12 MB of memory. A hundred that are all created before the
 * first of them is started do not fit into a machine that all of them fit into once they run.
 */
export type Limiter = <T>(work: () => Promise<T>, order?: 'begins' | 'finishes') => Promise<T>;

export function createLimiter(atOnce: number): Limiter {
  let free = atOnce;
  const waiting: Record<'begins' | 'finishes', (() => void)[]> = { begins: [], finishes: [] };
  return async (work, order = 'begins') => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting[order].push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.finishes.shift() ?? waiting.begins.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
