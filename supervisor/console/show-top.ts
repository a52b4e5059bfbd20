/** `top`: what units use, again and again until somebody has seen enough. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Order } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { jsonLine } from './json-line.ts';
import { takeLook } from '../control/take-look.ts';
import { type Look, topLines } from '../view/top-view.ts';

const INTERVAL_MS = 2_000;

/** With `-n N` so many times; for nobody who looks, once. */
export async function showTop(order: Order, context: CommandContext): Promise<boolean> {
  const { signal, width } = context;
  const rounds = order.count ?? (width === Number.POSITIVE_INFINITY ? 1 : Number.POSITIVE_INFINITY);
  const show = (lines: readonly string[]): Promise<void> =>
    context.showFrame?.(lines) ?? context.print(lines);
  let before: Look | undefined;
  for (let round = 0; round < rounds && !signal.aborted; round += 1) {
    if (round > 0) await pause(signal);
    const now = await takeLook(context.client);
    if (order.json) await context.print([jsonLine(now)]);
    else await show(topLines(now, before, width));
    before = now;
  }
  return true;
}

function pause(signal: AbortSignal): Promise<void> {
  return delay(INTERVAL_MS, undefined, { signal }).catch(() => {
    // Aborted: the loop sees it.
  });
}
