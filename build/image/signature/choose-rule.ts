/** Which rule of `verify` an image falls under. Pure. */
import type { VerifyRule } from '../../config/verify-schema.ts';
import { parseImageSource } from '../image-source.ts';
import { renderReference } from '../reference.ts';

/** The one that names most of the image; of two alike the later. `undefined`: nobody asks for anything. */
export function chooseRule(
  rules: readonly VerifyRule[],
  reference: string,
): VerifyRule | undefined {
  const names = wholeNames(reference);
  let [chosen, longest]: [VerifyRule | undefined, number] = [undefined, -1];
  for (const rule of rules) {
    for (const prefix of rule.images) {
      const length = prefix === '*' ? 0 : prefix.length;
      if (length < longest || !names.some((name) => isBeginning(prefix, name))) continue;
      [chosen, longest] = [rule, length];
    }
  }
  return chosen;
}

/** As written, and with everything that Docker leaves out. */
function wholeNames(reference: string): readonly string[] {
  const source = parseImageSource(reference);
  return source?.kind === 'registry' ? [renderReference(source.reference)] : [reference];
}

/** `docker.io/library/redis` is no beginning of `docker.io/library/redis-evil`. */
function isBeginning(prefix: string, name: string): boolean {
  if (prefix === '*' || prefix === name) return true;
  if (!name.startsWith(prefix)) return false;
  return /[/:@]$/u.test(prefix) || /^[/:@]/u.test(name.slice(prefix.length));
}
