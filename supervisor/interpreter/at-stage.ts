/** Failures as `LaunchError`, with what was being done. One that is a `LaunchError` already says so itself. */
import { errorMessage } from '../../sys/errno.ts';
import { LaunchError } from './launcher.ts';

export async function atStage<T>(stage: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw asLaunchError(stage, cause);
  }
}

export function atStageSync<T>(stage: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw asLaunchError(stage, cause);
  }
}

function asLaunchError(stage: string, cause: unknown): LaunchError {
  if (cause instanceof LaunchError) return cause;
  return new LaunchError(stage, errorMessage(cause), { cause });
}
