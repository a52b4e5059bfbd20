/**
 * Looks for what a launch waits for and the machine does not have yet. There is no event for "this path
 * exists" that covers mounts, nor for "the clock was set", so everything is looked at again as long as
 * somebody waits, and not a moment longer.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../service/policy.ts';
import { hasAddress, type Interfaces } from './has-address.ts';
import { PROGRAM_EPOCH_MS } from './epoch.ts';

const INTERVAL_MS = 250;

/** What a look at the machine takes; none of it keeps the event loop waiting. */
export interface Sights {
  /** Whether the path leads to something, in PID 1's own mount namespace. The answer may never come. */
  readonly exists: (condition: Condition & { kind: 'path' }) => Promise<boolean>;
  readonly interfaces: () => Interfaces;
  /** Since the epoch, as the machine's clock has it. */
  readonly nowMs: () => number;
  readonly isClockSynchronized: () => boolean;
}

/**
 * Tells what of `conditions` is missing, at once and each time that this changes, until nothing is. What
 * cannot be looked at counts as missing. Returns the function that ends this before.
 */
export function watchConditions(
  conditions: readonly Condition[],
  sights: Sights,
  onMissing: (missing: readonly Condition[]) => void,
): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let told: readonly Condition[] | undefined;

  async function look(): Promise<void> {
    const found = await Promise.all(conditions.map((each) => isThere(each, sights)));
    if (stopped) return;
    const missing = conditions.filter((_, index) => found[index] !== true);
    if (!isDeepStrictEqual(missing, told)) onMissing(missing);
    told = missing;
    // Whoever was told may have ended this.
    if (missing.length > 0 && !stopped) timer = setTimeout(() => void look(), INTERVAL_MS);
  }

  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

async function isThere(condition: Condition, sights: Sights): Promise<boolean> {
  try {
    switch (condition.kind) {
      case 'path':
        return await sights.exists(condition);
      case 'network':
        return hasAddress(sights.interfaces(), condition.interface);
      case 'time':
        return condition.is === 'set'
          ? sights.nowMs() >= PROGRAM_EPOCH_MS
          : sights.isClockSynchronized();
    }
  } catch {
    // It is asked again soon; what is told of it is that the condition is not met.
    return false;
  }
}
