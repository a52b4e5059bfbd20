/** An image that the machine was updated to, while the boot manager counts its tries (supervisor/applets/trial-applet.ts). */
import { existsSync, writeFileSync } from 'node:fs';
import { errorMessage } from '../sys/errno.ts';
import type { Exit } from '../sys/exit.ts';
import type { Manifest } from '../supervisor/manifest.ts';
import type { ProcessSpawner } from '../supervisor/interpreter/process-unit.ts';
import { loaderVariable } from '../supervisor/update/loader-variable.ts';
import { TOO_LATE } from '../supervisor/update/trial.ts';
import { INIT_PATH } from './survival.ts';

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 600_000;

/** There once the image has proved good: what the boot manager has said of its tries stays as it was for the whole boot. */
const OVER = '/run/ishmael/trial-over';

/** Whether the boot manager counts the tries of this image, and it has not proved good since. */
export function isOnTrial({ updates }: Pick<Manifest, 'updates'>): boolean {
  if (updates === undefined || existsSync(OVER)) return false;
  return loaderVariable('LoaderBootCountPath') !== undefined;
}

export interface TrialContext {
  readonly spawner: ProcessSpawner;
  readonly tell: (severity: 'info' | 'warning', text: string) => void;
  /** Starts the machine again, for this reason. */
  readonly reboot: (by: string) => void;
  /** Remembers for generations after this one that the image is good. */
  readonly over?: () => void;
}

/**
 * Where that cannot be decided it is tried again, at longer and longer intervals: an image that nobody can call good is counted when the
 * machine boots the next time.
 */
export function watchTrial({ spawner, tell, reboot, over = rememberOver }: TrialContext): void {
  let pauseMs = FIRST_PAUSE_MS;
  const again = (why: string): void => {
    tell('warning', `the trial of this image: ${why}`);
    setTimeout(start, pauseMs);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  };
  const onExit = (exit: Exit): void => {
    if (exit.kind === 'exited' && exit.code === 0) {
      over();
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

function rememberOver(): void {
  writeFileSync(OVER, '');
}
