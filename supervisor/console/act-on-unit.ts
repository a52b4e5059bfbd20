/** `start`, `stop`, `restart` and `signal`: asks PID 1. What comes of it is told by events, as always. */
import type { UnitStatus } from '../control/api.ts';
import { askForUnit } from './ask-for-unit.ts';
import type { Order } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { jsonLine } from './json-line.ts';

export async function actOnUnit(order: Order, context: CommandContext): Promise<boolean> {
  const unit = await askForUnit(order.unit ?? '', context);
  if (unit === undefined) return false;
  if (unit.kind !== 'service') {
    await context.print([`"${unit.name}" is no service: PID 1 starts and stops it itself.`]);
    return false;
  }
  const path = `/v1/services/${encodeURIComponent(unit.id)}`;
  const query = order.signal === undefined ? '' : `?signal=${encodeURIComponent(order.signal)}`;
  await context.client.post(`${path}/${order.tag}${query}`);
  if (order.json) {
    await context.print([jsonLine(await context.client.get<UnitStatus>(path))]);
  } else {
    await context.print([`${DOING[order.tag] ?? 'Asking'} ${unit.name}.`]);
  }
  return true;
}

const DOING: Readonly<Record<string, string>> = {
  start: 'Starting',
  stop: 'Stopping',
  restart: 'Restarting',
  signal: 'Signalling',
};
