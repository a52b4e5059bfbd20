/** An image that the machine was updated to, while the boot manager counts its tries (supervisor/applets/trial-applet.ts). */
import { errorMessage } from '../sys/errno.ts';
import type { Exit } from '../sys/exit.ts';
import type { ProcessSpawner } from '../supervisor/interpreter/process-unit.ts';
import { TOO_LATE } from '../supervisor/update/trial.ts';
import { INIT_PATH } from './survival.ts';

const AGAIN_MS = 10_000;

export interface TrialContext {
  readonly spawner: ProcessSpawner;
  readonly tell: (severity: 'info' | 'warning', text: string) => void;
  /** Starts the machine again, for this reason. */
  readonly reboot: (by: string) => void;
}

/** Where that cannot be decided it is tried again: the machine must not stay in between for ever. */
export function watchTrial({ spawner, tell, reboot }: TrialContext): void {
  const again = (why: string): void => {
    tell('warning', `the trial of this image: ${why}`);
    setTimeout(start, AGAIN_MS);
  };
  const onExit = (exit: Exit): void => {
    if (exit.kind === 'exited' && exit.code === 0) {
      tell('info', 'the image that is on trial has proved good');
    } else if (exit.kind === 'exited' && exit.code === TOO_LATE) {
      reboot('the trial of this image, which has not proved good in time');
    } else {
      again('cannot be watched');
    }
  };
  const start = (): void => {
    const program = { file: INIT_PATH, args: ['trial'] };
    spawner.spawn(program, onExit).catch((error: unknown) => again(errorMessage(error)));
  };
  tell('info', 'this image is on trial');
  start();
}
