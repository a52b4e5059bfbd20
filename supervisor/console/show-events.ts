/** `events`: what has happened on the machine, and what happens. */
import type { HistoryEntry } from '../control/api.ts';
import type { Order } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { eventLines } from '../view/event-view.ts';
import { follow } from './follow.ts';
import { jsonLine } from './json-line.ts';

const DEFAULT_COUNT = 20;

export async function showEvents(order: Order, context: CommandContext): Promise<boolean> {
  const { count = DEFAULT_COUNT, json } = order;
  const render = (entry: HistoryEntry): readonly string[] =>
    json ? [jsonLine(entry)] : eventLines(entry);
  const known = await allEvents(context);
  await context.print(known.slice(Math.max(0, known.length - count)).flatMap(render));
  if (order.follow) {
    const since = known.at(-1)?.seq ?? 0;
    await follow(`/v1/events?follow=1&since=${since}`, { past: 0, render }, context);
  }
  return true;
}

/** PID 1 keeps the newest two thousand. */
export async function allEvents({ client, signal }: CommandContext): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  await client.stream<HistoryEntry>('/v1/events', (entry) => void entries.push(entry), signal);
  return entries;
}
