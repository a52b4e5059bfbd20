/** `config`: what the image says PID 1 is to run, or that of one unit. Secrets are taken out (redact.ts). */
import { type Manifest, onbootTasks, onshutdownId } from '../manifest.ts';
import { askForUnit } from './ask-for-unit.ts';
import type { Order } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { jsonLine } from './json-line.ts';
import { redact } from './redact.ts';

export async function showConfig(order: Order, context: CommandContext): Promise<boolean> {
  const config = await context.client.get<Partial<Manifest>>('/v1/config');
  const chosen = order.unit === undefined ? config : await partOf(order.unit, config, context);
  if (chosen === undefined) return false;
  const shown = redact(chosen);
  await context.print(order.json ? [jsonLine(shown)] : JSON.stringify(shown, null, 2).split('\n'));
  return true;
}

async function partOf(
  name: string,
  config: Partial<Manifest>,
  context: CommandContext,
): Promise<unknown> {
  const unit = await askForUnit(name, context);
  if (unit === undefined) return undefined;
  const { kind } = unit;
  if (kind === 'system') {
    await context.print([`"${unit.name}" is our own: the image says nothing of it.`]);
    return undefined;
  }
  const { onboot = [], volumeTasks = [], services = [], onshutdown = [] } = config;
  switch (kind) {
    case 'service':
      return services.find((service) => service.name === unit.id);
    case 'onboot':
      return new Map(onbootTasks({ onboot, volumeTasks })).get(unit.id);
    case 'onshutdown':
      return onshutdown.find((task, index) => onshutdownId(index, task.name) === unit.id);
  }
}
