/** `logs`: what a unit, the kernel or PID 1 has written. */
import type { LogLine, UnitStatus } from '../control/api.ts';
import { DEFAULT_TAIL, MACHINE_LOGS, type Order } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { logLines } from '../view/event-view.ts';
import { findUnit } from '../view/find-unit.ts';
import { jsonLine } from './json-line.ts';

export async function showLogs(order: Order, context: CommandContext): Promise<boolean> {
  const { unit: name = '', count = DEFAULT_TAIL, json } = order;
  const units = await context.client.get<readonly UnitStatus[]>('/v1/services');
  const found = findUnit(units, name);
  // A service may be called so as well, and a person who has made one means that.
  const isMachineLog = found.tag === 'none' && MACHINE_LOGS.includes(name);
  if (found.tag === 'none' && !isMachineLog) {
    await context.print([found.message]);
    return false;
  }
  const log =
    found.tag === 'found' ? `services/${encodeURIComponent(found.unit.id)}/logs` : `logs/${name}`;
  await context.client.stream<LogLine>(
    `/v1/${log}?tail=${count}${order.follow ? '&follow=1' : ''}`,
    (line) => context.print(json ? [jsonLine(line)] : logLines(line)),
    context.signal,
  );
  return true;
}
