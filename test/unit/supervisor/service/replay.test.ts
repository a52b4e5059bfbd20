import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../../supervisor/service/event.ts';
import { finalState, type Played, replay } from '../../../../supervisor/service/replay.ts';
import type { Supervisor } from '../../../../supervisor/service/state.ts';
import { playRandomMachine } from './random-machine.ts';

const EMPTY: Supervisor = { phase: 'boot', units: [] };

function begin(supervisor: Supervisor, changes: object = {}): string {
  const clocks = { atMs: 0, wallMs: 0, generation: 0, lost: 0 };
  const start = { recording: 'ishmael-events', version: 1, ...clocks, supervisor, ...changes };
  return `${JSON.stringify(start)}\n`;
}

function write(events: readonly Event[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

function play(moves: readonly number[]): { events: Event[]; states: Supervisor[] } {
  const events: Event[] = [];
  const states: Supervisor[] = [];
  playRandomMachine(moves, {
    receive: (event) => events.push(event),
    observe: (state) => states.push(state),
  });
  return { events, states };
}

const moves = fc.array(fc.nat({ max: 100_000 }), { maxLength: 150 });
const ADDED: Event = {
  atMs: 1,
  type: 'unit.added',
  unit: { id: 'console', name: 'console', image: '', kind: 'system' },
};

function only<K extends Played['kind']>(text: string, kind: K): Extract<Played, { kind: K }>[] {
  return [...replay(text)].filter((one): one is Extract<Played, { kind: K }> => one.kind === kind);
}

describe('replay()', () => {
  it('gives the states that the machine went through', () => {
    fc.assert(
      fc.property(moves, (chosen) => {
        const { events, states } = play(chosen);
        const played = only(begin(EMPTY) + write(events), 'event');
        expect(played.map(({ next }) => next)).toEqual(states);
      }),
    );
  });

  it('gives the same end from any state on the way', () => {
    fc.assert(
      fc.property(moves, fc.nat(), (chosen, cut) => {
        const { events, states } = play(chosen);
        const from = cut % states.length;
        const text = begin(states[from] ?? EMPTY) + write(events.slice(from + 1));
        expect(finalState(text)).toEqual(states.at(-1));
      }),
    );
  });

  it('finds a further beginning to be where the events lead', () => {
    const { events, states } = play([7, 11, 13, 17, 19]);
    const half = 4;
    const text = (state = EMPTY, more = {}): string =>
      begin(EMPTY) + write(events.slice(0, half)) + begin(state, more) + write(events.slice(half));
    expect(only(text(states[half - 1]), 'start').map(({ diverges }) => diverges)).toEqual([
      false,
      false,
    ]);
    expect(only(text(EMPTY), 'start').at(-1)?.diverges).toBe(true);
    expect(only(text(EMPTY, { lost: 2 }), 'start').at(-1)?.diverges).toBe(false);
    expect(only(text(EMPTY, { generation: 1 }), 'start').at(-1)?.diverges).toBe(false);
  });

  it.each([
    ['not JSON', '{"atMs":12,"ty\n'],
    ['no event', '{"type":"unit.added"}\n'],
    ['no event', 'null\n'],
    ['the reducer fails', '{"type":"unit.added","atMs":1}\n'],
    ['version 9 cannot be played', begin(EMPTY, { version: 9 })],
    ['the state to start from', begin(EMPTY, { supervisor: 1 })],
  ])('tells the line that is damaged (%s) and plays the others', (why, damage) => {
    const text = begin(EMPTY) + damage + write([ADDED]);
    expect(only(text, 'damaged')).toEqual([
      { kind: 'damaged', line: 2, why: expect.stringContaining(why) as string },
    ]);
    expect(only(text, 'event').map(({ line }) => line)).toEqual([3]);
  });

  it('tells a last line that is cut off', () => {
    const whole = begin(EMPTY) + write([ADDED, ADDED]);
    expect(only(whole.slice(0, -1), 'damaged')).toMatchObject([{ line: 3 }]);
    expect(only(whole, 'damaged')).toEqual([]);
  });

  it('plays nothing before the first beginning', () => {
    expect(only(write([ADDED]) + begin(EMPTY), 'damaged')).toMatchObject([
      { line: 1, why: expect.stringContaining('no state') as string },
    ]);
    expect(finalState('')).toBeUndefined();
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.json(), fc.string()), { maxLength: 5 }), (lines) => {
        expect(() => [...replay(begin(EMPTY) + lines.join('\n'))]).not.toThrow();
      }),
    );
  });
});
