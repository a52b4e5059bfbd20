/**
 * What `ishmael replay` prints. Pure. Events, states and orders are shown as they are, field by field, so
 * that a new kind of event needs nothing here.
 */
import type { Effect } from '../../supervisor/service/effect.ts';
import type { Event } from '../../supervisor/service/event.ts';
import type { Played } from '../../supervisor/service/replay.ts';
import type { Supervisor, Unit } from '../../supervisor/service/state.ts';
import { unitStatus } from '../../supervisor/service/status.ts';

const INDENT = ' '.repeat(14);

/** The lines for one line of the recording, each with its line feed. */
export function renderPlayed(played: Played): string {
  switch (played.kind) {
    case 'damaged':
      return `line ${played.line} is damaged: ${played.why}\n`;
    case 'start': {
      const { line, start, diverges } = played;
      const when = new Date(start.wallMs).toISOString();
      const generation = start.generation === 0 ? '' : `, generation ${start.generation} of PID 1`;
      const lost = start.lost === 0 ? '' : `, ${start.lost} events lost before`;
      return `${stamp(start.atMs)}  recording begins, ${when}${generation}${lost} (line ${line})\n${
        diverges ? `line ${line} diverges: the events before it lead to another state\n` : ''
      }`;
    }
    case 'event': {
      const { event, before, next, effects, changes } = played;
      const told = changes.map(({ severity, unit, text }) => `${severity} ${unit}: ${text}`);
      const details = [...transitions(before, next), ...told, ...effects.map(renderOrder)];
      const lines = details.map((detail) => `${INDENT}${detail}\n`);
      return `${stamp(event.atMs)}  ${renderEvent(event)}\n${lines.join('')}`;
    }
  }
}

/** What everything was in the end, in the words of the control API. */
export function renderEnd(supervisor: Supervisor, atMs: number): string {
  const width = Math.max(0, ...supervisor.units.map(({ id }) => id.length));
  const units = supervisor.units.map((unit) => {
    const { state, reason } = unitStatus(supervisor, unit, atMs);
    return `  ${unit.id.padEnd(width)}  ${state}: ${reason}\n`;
  });
  return `in the end, phase ${supervisor.phase}:\n${units.join('')}`;
}

/** `redis: running → cleaning`, for each unit whose state, or the wish for it, is another now. */
function transitions(before: Supervisor, after: Supervisor): string[] {
  const phase = before.phase === after.phase ? [] : [`phase: ${before.phase} → ${after.phase}`];
  const known = new Map(before.units.map((unit) => [unit.id, label(unit)]));
  const moved = after.units.flatMap((unit) => {
    const [was, is] = [known.get(unit.id) ?? 'nothing', label(unit)];
    return was === is ? [] : [`${unit.id}: ${was} → ${is}`];
  });
  return [...phase, ...moved];
}

function label({ state, desired }: Unit): string {
  return desired === 'down' ? `${state.tag} (to be down)` : state.tag;
}

function renderEvent(event: Event): string {
  return [event.type, ...renderFields(event)].join(' ');
}

function renderOrder(effect: Effect): string {
  return ['order', effect.type, ...renderFields(effect)].join(' ');
}

function renderFields(fields: object): string[] {
  return Object.entries(fields)
    .filter(([name]) => name !== 'type' && name !== 'atMs')
    .map(([name, value]: [string, unknown]) =>
      typeof value === 'string' ? `${name}=${value}` : `${name}=${JSON.stringify(value)}`,
    );
}

function stamp(atMs: number): string {
  return (atMs / 1000).toFixed(3).padStart(12);
}
