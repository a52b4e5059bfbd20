import { expect, it } from 'vitest';
import { lastWords } from '../../../init/shutdown/last-words.ts';
import type { HistoryEntry } from '../../../supervisor/control/api.ts';

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
