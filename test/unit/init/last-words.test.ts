import { describe, expect, it } from 'vitest';
import { isUnseen, lastWords } from '../../../init/shutdown/last-words.ts';
import type { HistoryEntry } from '../../../supervisor/control/api.ts';
import { initialUnit, type Unit, type UnitState } from '../../../supervisor/service/state.ts';

function entries(...told: readonly (readonly [HistoryEntry['severity'], string, string])[]) {
  return told.map(([severity, unit, text], index): HistoryEntry => {
    return { seq: index + 1, atMs: index, severity, unit, text };
  });
}

it('lastWords() are what went wrong and what the machine did, one line each', () => {
  expect(
    lastWords(
      entries(
        ['info', '000-check', 'starting'],
        ['error', '000-check', 'create: no such file\nor directory'],
        ['info', 'machine', 'reboot requested by onboot task 000-check, which has failed'],
      ),
    ),
  ).toEqual([
    '<3>ishmael: 000-check: create: no such file or directory',
    '<3>ishmael: machine: reboot requested by onboot task 000-check, which has failed',
  ]);
});

it('lastWords() are as few and as short as the kernel takes', () => {
  const many = Array.from(
    { length: 50 },
    (_, at) => ['error', 'a', `${at} ${'é'.repeat(2000)}`] as const,
  );
  const words = lastWords(entries(...many));
  expect(words).toHaveLength(8);
  expect(words[0]).toContain('a: 42 ');
  for (const line of words) expect(Buffer.byteLength(line)).toBeLessThan(910);
});

describe('isUnseen()', () => {
  const unit = (id: string, state: UnitState): Unit => ({
    ...initialUnit({ id, name: id, kind: 'system', image: '' }),
    state,
  });
  const running: UnitState = { tag: 'running', run: 1, pid: 7, sinceMs: 1, ready: true };
  const toCome = { units: [unit('console-ttyS0', { tag: 'waiting' })] };
  const there = { units: [unit('console-ttyS0', running)] };
  const none = { units: [unit('host-bridge', { tag: 'waiting' })] };

  it.each([
    ['the boot is not over', there, false, false, true],
    ['a console is to come, and something was wrong', toCome, true, true, true],
    ['a console is to come, and all was well', toCome, true, false, false],
    ['a console runs', there, true, true, false],
    ['the machine has no console', none, true, true, false],
  ])('%s', (_what, supervisor, isOver, hasTrouble, unseen) => {
    expect(isUnseen(supervisor, { isOver, hasTrouble })).toBe(unseen);
  });
});
