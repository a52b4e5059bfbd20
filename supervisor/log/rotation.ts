/**
 * When a log file is full, and what its predecessors are called: `stdout.log`, `stdout.log.1` and so
 * on, the highest number the oldest. Pure.
 */
export interface RotationRule {
  readonly maxFileBytes: number;
  /** The one being written included. */
  readonly maxFiles: number;
}

/** A unit has two streams: 1 MiB in all, and a talkative stdout does not push out what stderr said. */
export const DEFAULT_ROTATION: RotationRule = { maxFileBytes: 262_144, maxFiles: 2 };

/** One write that is larger than a whole file still goes into one. */
export function isFull(rule: RotationRule, sizeBytes: number, addedBytes: number): boolean {
  return sizeBytes > 0 && sizeBytes + addedBytes > rule.maxFileBytes;
}

/** All names that a log may have, newest first. */
export function fileNames(rule: RotationRule, path: string): string[] {
  const older = Array.from({ length: rule.maxFiles - 1 }, (_, index) => `${path}.${index + 1}`);
  return [path, ...older];
}

/** The renames that make room for a new file, in order. The oldest file is overwritten by the first. */
export function rotationMoves(
  rule: RotationRule,
  path: string,
): { readonly from: string; readonly to: string }[] {
  const names = fileNames(rule, path);
  return names
    .slice(1)
    .map((to, index) => ({ from: names[index] ?? path, to }))
    .toReversed();
}
