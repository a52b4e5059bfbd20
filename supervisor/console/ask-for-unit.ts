import type { UnitStatus } from '../control/api.ts';
import type { CommandContext } from './command-context.ts';
import { findUnit } from '../view/find-unit.ts';

/** The unit that a person means. Tells them when there is none, and then resolves with `undefined`. */
export async function askForUnit(
  text: string,
  context: CommandContext,
): Promise<UnitStatus | undefined> {
  const found = findUnit(await context.client.get<readonly UnitStatus[]>('/v1/services'), text);
  if (found.tag === 'found') return found.unit;
  await context.print([found.message]);
  return undefined;
}
