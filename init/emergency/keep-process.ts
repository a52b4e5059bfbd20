/**
 * Keeps one process of our own running without the supervisor: started again whenever it ends, less and
 * less often when it ends at once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '../../sys/errno.ts';
import type { Launcher } from '../../supervisor/interpreter/launcher.ts';

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 60_000;
const RAN_WELL_MS = 10_000;
/** Nobody gives up here. */
const NEVER = { kill: new AbortController().signal, abandon: new AbortController().signal };

/** For as long as PID 1 lives. */
export async function keepProcess(
  id: string,
  launcher: Pick<Launcher, 'launch'>,
  tell: (severity: 'warning', text: string) => void,
): Promise<never> {
  for (let delayMs = FIRST_DELAY_MS; ;) {
    const fromMs = performance.now();
    try {
      await untilEnd(launcher);
    } catch (error) {
      tell('warning', `${id}: ${errorMessage(error)}`);
    }
    if (performance.now() - fromMs >= RAN_WELL_MS) delayMs = FIRST_DELAY_MS;
    await delay(delayMs);
    delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
  }
}

function untilEnd(launcher: Pick<Launcher, 'launch'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const nothing = (): void => undefined;
    const report = {
      held: nothing,
      step: nothing,
      stepEnded: nothing,
      created: nothing,
      ready: nothing,
      exited: () => resolve(),
    };
    launcher.launch(report, NEVER).catch(reject);
  });
}
