/** `logs`: what a unit, the kernel or PID 1 has written. */
import type { LogLine, UnitStatus } from '../control/api.ts';
import { DEFAULT_TAIL, MACHINE_LOGS, type Order } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { logLines } from '../view/event-view.ts';
import { findUnit } from '../view/find-unit.ts';
import { follow } from './follow.ts';
import { jsonLine } from './json-line.ts';

export async function showLogs(order: Order, context: CommandContext): Promise<boolean> {
  const { unit: name = '' } = order;
  const units = await context.client.get<readonly UnitStatus[]>('/v1/services');
  const found = findUnit(units, name);
  if (found.tag === 'found') {
    return showLog(`services/${encodeURIComponent(found.unit.id)}/logs`, order, context);
  }
  // A service may be called so as well, and a person who has made one means that.
  if (MACHINE_LOGS.includes(name)) return showLog(`logs/${name}`, order, context);
  await context.print([found.message]);
  return false;
}

/** `dmesg`: the kernel's log, whatever a service is called. */
export async function showKernelLog(order: Order, context: CommandContext): Promise<boolean> {
  return showLog('logs/kernel', order, context);
}

async function showLog(log: string, order: Order, context: CommandContext): Promise<boolean> {
  const { count = DEFAULT_TAIL, json } = order;
  const path = `/v1/${log}?tail=${count}`;
  const render = (line: LogLine): readonly string[] => (json ? [jsonLine(line)] : logLines(line));
  if (order.follow) {
    await follow(`${path}&follow=1`, { past: count, render }, context);
  } else {
    await context.client.stream<LogLine>(
      path,
      (line) => context.print(render(line)),
      context.signal,
    );
  }
  return true;
}
