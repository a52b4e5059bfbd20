/** `why NAME`: everything that PID 1 knows about why a unit is as it is, put together. */
import type { HealthReport, LogLine, MachineInfo } from '../control/api.ts';
import { ControlError } from '../control/client.ts';
import { askForUnit } from './ask-for-unit.ts';
import type { Order } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { jsonLine } from './json-line.ts';
import { allEvents } from './show-events.ts';
import { whyLines } from '../view/why-view.ts';

const DEFAULT_LOG_LINES = 6;
const EVENTS = 8;

export async function showWhy(order: Order, context: CommandContext): Promise<boolean> {
  const { client, width } = context;
  const unit = await askForUnit(order.unit ?? '', context);
  if (unit === undefined) return false;
  const path = `/v1/services/${encodeURIComponent(unit.id)}`;
  const [machine, health, events, logs] = await Promise.all([
    client.get<MachineInfo>('/v1/machine'),
    unlessAbsent(client.get<HealthReport>(`${path}/health`)),
    allEvents(context),
    lastLines(`${path}/logs?tail=${order.count ?? DEFAULT_LOG_LINES}`, context),
  ]);
  const own = events.filter((entry) => entry.unit === unit.id).slice(-EVENTS);
  const facts = { unit, health, events: own, logs };
  await context.print(order.json ? [jsonLine(facts)] : whyLines(facts, machine.uptimeMs, width));
  return true;
}

export async function lastLines(path: string, context: CommandContext): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  await context.client.stream<LogLine>(path, (line) => void lines.push(line), context.signal);
  return lines;
}

/** What a machine may be without: `undefined` where PID 1 says so. */
export async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ControlError && error.code === 'not-found') return undefined;
    throw error;
  }
}
