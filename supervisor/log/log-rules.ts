/**
 * What a unit may log and where it goes, as the manifest says it. Pure data: the builder fills it in, PID 1
 * follows it.
 */
import { DEFAULT_RATE, type RateRule } from './rate-limit.ts';
import { DEFAULT_ROTATION, type RotationRule } from './rotation.ts';

export interface LogRules {
  /** Of each of its files: stdout, stderr and syslog have one each. */
  readonly rotation: RotationRule;
  /** Of all it writes together. */
  readonly rate: RateRule;
  /** Whether it finds a socket of its own at /dev/log. */
  readonly devLog: boolean;
}

/** For a unit of which nothing is said. */
export const DEFAULT_LOG_RULES: LogRules = {
  rotation: DEFAULT_ROTATION,
  rate: DEFAULT_RATE,
  devLog: false,
};
