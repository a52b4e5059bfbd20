/**
 * A recording of events played through the reducer again: what the machine did, step by step, on any
 * computer. Pure. It is the format of a bug report (docs/supervision.md):
 *
 *   {"recording":"ishmael-events","version":1,…,"supervisor":{…}}   a beginning: the state at that moment
 *   {"atMs":812.5,"type":"unit.exited","id":"redis",…}              an event, as `reduce` takes it
 *
 * One object a line. A file starts with a beginning and may have more of them: after PID 1 was executed
 * again, and after events that could not be written.
 */
import { isDeepStrictEqual } from 'node:util';
import { errorMessage } from '../../sys/errno.ts';
import type { Event } from './event.ts';
import { reduce } from './reduce.ts';
import type { Supervisor } from './state.ts';
import type { Reduction } from './transition.ts';

export const RECORDING = 'ishmael-events';
export const RECORDING_VERSION = 1;

export interface RecordingStart {
  readonly recording: typeof RECORDING;
  readonly version: number;
  /** The events' clock, and the wall clock of the same moment (milliseconds since the epoch). */
  readonly atMs: number;
  readonly wallMs: number;
  /** How often PID 1 had been executed again. */
  readonly generation: number;
  /** Events right before this that could not be written. */
  readonly lost: number;
  readonly supervisor: Supervisor;
}

/** `line` counts from 1. */
export type Played =
  | {
      readonly kind: 'start';
      readonly line: number;
      readonly start: RecordingStart;
      /** The events before it do not lead to this state, though none of them is missing. */
      readonly diverges: boolean;
    }
  | ({
      readonly kind: 'event';
      readonly line: number;
      readonly event: Event;
      readonly before: Supervisor;
    } & Reduction)
  /** A line that cannot be played; what follows is, from the state before it. */
  | { readonly kind: 'damaged'; readonly line: number; readonly why: string };

interface Position {
  readonly supervisor: Supervisor;
  readonly generation: number;
  /** Whether all lines since the start could be played. */
  readonly whole: boolean;
}

/** Plays the text of a recording; never throws, whatever the text. */
export function* replay(text: string): Generator<Played, void, undefined> {
  const lines = text.split('\n');
  const cutOff = lines.pop();
  let at: Position | undefined;
  for (const [index, content] of lines.entries()) {
    const played = playLine(index + 1, content, at);
    at = nextPosition(at, played);
    yield played;
  }
  if (cutOff !== '') yield { kind: 'damaged', line: lines.length + 1, why: 'the line is cut off' };
}

/** The state that a recording ends in; `undefined` when it has no beginning. */
export function finalState(text: string): Supervisor | undefined {
  let at: Position | undefined;
  for (const played of replay(text)) at = nextPosition(at, played);
  return at?.supervisor;
}

function nextPosition(at: Position | undefined, played: Played): Position | undefined {
  switch (played.kind) {
    case 'start': {
      const { supervisor, generation } = played.start;
      return { supervisor, generation, whole: true };
    }
    case 'event':
      return at && { ...at, supervisor: played.next };
    case 'damaged':
      return at && { ...at, whole: false };
  }
}

function playLine(line: number, content: string, at: Position | undefined): Played {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { kind: 'damaged', line, why: 'the line is not JSON' };
  }
  if (isObject(value) && 'recording' in value) return playStart(line, value, at);
  if (!isEvent(value)) return { kind: 'damaged', line, why: 'the line is no event' };
  if (at === undefined) return { kind: 'damaged', line, why: 'no state to play it from' };
  try {
    const before = at.supervisor;
    return { kind: 'event', line, event: value, before, ...reduce(before, value) };
  } catch (error) {
    // The reducer does not throw for facts it may be given; this one, or the reducer, is broken.
    return { kind: 'damaged', line, why: `the reducer fails: ${errorMessage(error)}` };
  }
}

function playStart(line: number, value: object, at: Position | undefined): Played {
  const start = value as RecordingStart;
  if (start.recording !== RECORDING || start.version !== RECORDING_VERSION) {
    const why = `${start.recording} of version ${start.version} cannot be played here`;
    return { kind: 'damaged', line, why };
  }
  if (!isObject(start.supervisor) || !Array.isArray(start.supervisor.units)) {
    return { kind: 'damaged', line, why: 'the state to start from is missing' };
  }
  const comparable =
    at !== undefined && at.whole && start.lost === 0 && start.generation === at.generation;
  return { kind: 'start', line, start, diverges: comparable && !same(at, start) };
}

/** As a recording would have both: JSON knows no property that is `undefined`. */
function same(at: Position, start: RecordingStart): boolean {
  const written: unknown = JSON.parse(JSON.stringify(at.supervisor));
  return isDeepStrictEqual(written, start.supervisor);
}

function isEvent(value: unknown): value is Event {
  if (!isObject(value)) return false;
  const { type, atMs } = value as { readonly type?: unknown; readonly atMs?: unknown };
  return typeof type === 'string' && typeof atMs === 'number';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
