import { describe, expect, it } from 'vitest';
import { restartOutcome, type RestartFigures } from '../../bench/restart/restarts.ts';
import { readTimes } from '../../bench/restart/scripts.ts';
import { restartStages } from '../../bench/restart/stages.ts';

describe('readTimes()', () => {
  it('reads seconds of the wall clock by their names', () => {
    const answer = 'killed 1764097000.500000 running 1764097002.250000\n';
    const { killed, running } = readTimes(answer, ['killed', 'running']);
    expect(running - killed).toBeCloseTo(1750, 3);
  });

  it('throws for a time that is not there', () => {
    expect(() => readTimes('killed 1764097000.5 running \n', ['killed', 'running'])).toThrow(
      'running',
    );
  });
});

describe('restartStages()', () => {
  const events = [
    { recording: 'ishmael-events' },
    { type: 'unit.started', id: 'v0', run: 1, atMs: 10 },
    { type: 'unit.exited', id: 'v0', run: 1, atMs: 1000 },
    { type: 'timer.fired', id: 'v0', run: 1, timer: 'start', atMs: 1001 },
    { type: 'unit.exited', id: 'v1', run: 1, atMs: 1005 },
    { type: 'unit.removed', id: 'v0', run: 1, atMs: 1010 },
    { type: 'timer.fired', id: 'v0', run: 1, timer: 'start', atMs: 1020 },
    { type: 'timer.fired', id: 'v0', run: 1, timer: 'backoff', atMs: 1110 },
    { type: 'unit.created', id: 'v0', run: 2, atMs: 1500 },
    { type: 'unit.started', id: 'v0', run: 2, atMs: 1600 },
  ];
  const recording = events.map((event) => `${JSON.stringify(event)}\n`).join('');

  it('takes the time of each stage of a restart, and leaves out one that is not over', () => {
    expect(restartStages(recording, ['v0', 'v1'])).toEqual([[10, 100, 390, 100]]);
  });

  it('leaves out other units', () => {
    expect(restartStages(recording, ['v1'])).toEqual([]);
  });
});

describe('restartOutcome()', () => {
  const figures = (ours: number): RestartFigures => ({
    oursMs: [ours, ours, 5_000],
    handMs: [430, 450, 450],
    handCreateMs: [300],
    handRunningMs: [480, 500, 500],
    stagesMs: [[1, 2, 3, 4]],
  });
  const reached = (ours: number): boolean | undefined =>
    restartOutcome('crun', figures(ours)).targets[0]?.reached;

  it('allows 1.2 times the runtime by hand, and 100 ms', () => {
    expect(reached(700)).toBe(true);
    expect(reached(701)).toBe(false);
  });
});
