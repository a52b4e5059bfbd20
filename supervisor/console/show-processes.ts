/** `ps`: the processes of one unit or of all of them. */
import type { ProcessInfo, UnitStatus } from '../control/api.ts';
import { askForUnit } from './ask-for-unit.ts';
import type { Order } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { jsonLine } from './json-line.ts';
import { processLines } from './process-view.ts';

export async function showProcesses(order: Order, context: CommandContext): Promise<boolean> {
  const units = await chosen(order, context);
  if (units === undefined) return false;
  const found = await Promise.all(
    units.map(async ({ id, kind }) => ({
      unit: kind === 'system' ? '(ishmael)' : id,
      processes: await context.client.get<readonly ProcessInfo[]>(
        `/v1/services/${encodeURIComponent(id)}/processes`,
      ),
    })),
  );
  await context.print(order.json ? found.map(jsonLine) : processLines(found, context.width));
  return true;
}

/** Our own processes share a cgroup, so that to ask for each of them would show all of them each time. */
async function chosen(
  { unit: name }: Order,
  context: CommandContext,
): Promise<readonly UnitStatus[] | undefined> {
  if (name !== undefined) {
    const unit = await askForUnit(name, context);
    return unit && [unit];
  }
  const units = await context.client.get<readonly UnitStatus[]>('/v1/services');
  const running = units.filter((unit) => unit.pid !== undefined && unit.kind !== 'system');
  const own = units.find((unit) => unit.kind === 'system');
  return own === undefined ? running : [...running, own];
}
