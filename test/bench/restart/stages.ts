/**
 * Where the time between a service's death and its next start goes, from the supervisor's own record of
 * events (service/replay.ts). Pure.
 */
import type { Event } from '../../../supervisor/service/event.ts';

/** The stages of one restart in their order, each with the event that ends it. */
export const STAGES: readonly (readonly [label: string, end: Event['type']])[] = [
  ['death seen → leftovers removed', 'unit.removed'],
  ['delay', 'timer.fired'],
  ['bundle, create', 'unit.created'],
  ['start', 'unit.started'],
];

/** For each restart of any of `ids`, how long each stage took, in milliseconds. */
export function restartStages(recording: string, ids: readonly string[]): number[][] {
  const begun = new Map<string, number[]>();
  const restarts: number[][] = [];
  for (const event of eventsOf(recording)) {
    if (!('id' in event) || !ids.includes(event.id)) continue;
    if (event.type === 'unit.exited') begun.set(event.id, [event.atMs]);
    const times = begun.get(event.id);
    if (times === undefined || event.type !== STAGES[times.length - 1]?.[1]) continue;
    if (event.type === 'timer.fired' && event.timer !== 'backoff') continue;
    times.push(event.atMs);
    if (times.length <= STAGES.length) continue;
    restarts.push(times.slice(1).map((time, index) => time - (times[index] ?? Number.NaN)));
    begun.delete(event.id);
  }
  return restarts;
}

function eventsOf(recording: string): Event[] {
  return recording
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event | { readonly recording: string })
    .filter((line) => 'type' in line);
}
