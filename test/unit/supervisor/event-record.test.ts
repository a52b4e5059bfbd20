import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EventRecord, type EventRecordSetup } from '../../../supervisor/event-record.ts';
import type { Event } from '../../../supervisor/service/event.ts';
import { finalState, replay } from '../../../supervisor/service/replay.ts';
import type { Supervisor } from '../../../supervisor/service/state.ts';
import { playRandomMachine } from './service/random-machine.ts';

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'events-'));
  path = join(dir, 'log/events.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true }));

function begun(changes: Partial<EventRecordSetup> = {}): EventRecord {
  const record = new EventRecord({ nowMs: () => 5, generation: 0, path, ...changes });
  record.begin();
  return record;
}

const MOVES = Array.from({ length: 600 }, (_, index) => (index * 7919) % 1009);

function run(record: EventRecord): Supervisor {
  return playRandomMachine(MOVES, {
    receive: (event, before) => record.add(event, before),
    observe: () => undefined,
  }).state;
}

const text = (): string => readFileSync(path, 'utf8');
const older = (number: number): string =>
  gunzipSync(readFileSync(`${path}.${number}.gz`)).toString('utf8');
const EMPTY: Supervisor = { phase: 'boot', units: [] };
const BOOTED: Event = { atMs: 1, type: 'boot.finished' };

it('EventRecord writes what leads to the state of the machine', () => {
  const state = run(begun());
  expect(finalState(text())).toEqual(state);
});

it('EventRecord begins each file with the state, and keeps so many', () => {
  const state = run(begun({ maxFileBytes: 4096, maxOlder: 3 }));
  expect(readdirSync(join(dir, 'log')).toSorted()).toEqual([
    'events.jsonl',
    'events.jsonl.1.gz',
    'events.jsonl.2.gz',
    'events.jsonl.3.gz',
  ]);
  expect(finalState(text())).toEqual(state);
  const together = older(3) + older(2) + older(1) + text();
  const played = [...replay(together)];
  expect(played.filter(({ kind }) => kind === 'start')).toHaveLength(4);
  expect(
    played.filter((one) => one.kind === 'damaged' || (one.kind === 'start' && one.diverges)),
  ).toEqual([]);
});

it('EventRecord has 4 MiB of events in less than a sixth of it', () => {
  const record = begun();
  for (let round = 0; round < 80; round += 1) run(record);
  const plain = older(1).length;
  expect(plain).toBeGreaterThan(120_000);
  expect(readFileSync(`${path}.1.gz`).length).toBeLessThan(plain / 6);
});

it('EventRecord goes on in the file of an earlier generation', () => {
  begun().add(BOOTED, EMPTY);
  begun({ generation: 1 }).add(BOOTED, EMPTY);
  expect([...replay(text())].map(({ kind }) => kind)).toEqual(['start', 'event', 'start', 'event']);
});

it('EventRecord loses events with a count while they cannot be written', () => {
  const record = begun();
  // A file where the folder would be.
  writeFileSync(join(dir, 'log'), '');
  record.add(BOOTED, EMPTY);
  record.add(BOOTED, EMPTY);
  rmSync(join(dir, 'log'));
  record.add(BOOTED, EMPTY);
  expect([...replay(text())]).toMatchObject([
    { kind: 'start', start: { lost: 2 } },
    { kind: 'event' },
  ]);
});

it('EventRecord leaves out what comes before its place is there, and questions of the watchdog', () => {
  const record = new EventRecord({ nowMs: () => 5, generation: 0, path });
  record.add(BOOTED, EMPTY);
  record.begin();
  record.add({ atMs: 1, type: 'unit.removed', id: '', run: 0 }, EMPTY);
  expect(existsSync(path)).toBe(false);
});
