import { describe, expect, it } from 'vitest';
import { createTrial } from '../../../../supervisor/update/trial.ts';
import { unitStatus } from '../../../support/unit-status.ts';

const TERMS = { goodAfterMs: 60_000, deadlineMs: 600_000 };

describe('an image on trial', () => {
  it('is good when all that is essential has been well for long enough, without a break', () => {
    const trial = createTrial(TERMS, ['a', 'b']);
    const well = [
      unitStatus('a', { health: 'healthy' }),
      unitStatus('b', { health: 'none' }),
      unitStatus('c'),
    ];
    expect(trial.look(well, 10_000)).toBe('undecided');
    expect(trial.look(well, 69_999)).toBe('undecided');
    expect(trial.look([unitStatus('a', { health: 'unhealthy' }), unitStatus('b')], 69_999.5)).toBe(
      'undecided',
    );
    expect(trial.look(well, 70_000)).toBe('undecided');
    expect(trial.look(well, 129_999)).toBe('undecided');
    expect(trial.look(well, 130_000)).toBe('good');
  });

  it.each([
    ['does not run', unitStatus('a', { state: 'backoff' })],
    ['is still being asked', unitStatus('a', { health: 'starting' })],
    ['is a task of that name', unitStatus('a', { kind: 'onboot' })],
    ['is not there', unitStatus('b')],
  ])('is not good when what is essential %s, and it is too late then', (_, status) => {
    const trial = createTrial(TERMS, ['a']);
    expect(trial.look([status], 0)).toBe('undecided');
    expect(trial.look([status], 599_999)).toBe('undecided');
    expect(trial.look([status], 600_000)).toBe('too late');
  });

  it('is good by itself where nothing is essential', () => {
    const trial = createTrial(TERMS, []);
    expect(trial.look([], 5)).toBe('undecided');
    expect(trial.look([], 60_005)).toBe('good');
  });
});
