import type { Exit } from '../../sys/exit.ts';
import type { Sys } from '../../sys/sys.ts';

/** SIGCHLD cannot be lost; asked for all the same. */
const SAFETY_MS = 1_000;

/**
 * The end of a child that libuv did not start. Collects every other child that ends meanwhile, so libuv must
 * have none: for a process that has adopted the orphans of a runtime which has ended itself.
 */
export function awaitChild(
  sys: Pick<Sys, 'peekExited' | 'collectExited'>,
  pid: number,
): Promise<Exit> {
  return new Promise((resolve) => {
    const look = (): void => {
      for (let ended = sys.peekExited(); ended !== undefined; ended = sys.peekExited()) {
        const exit = sys.collectExited(ended);
        if (ended !== pid) continue;
        process.off('SIGCHLD', look);
        clearInterval(safety);
        resolve(exit);
        return;
      }
    };
    process.on('SIGCHLD', look);
    const safety = setInterval(look, SAFETY_MS);
    look();
  });
}
