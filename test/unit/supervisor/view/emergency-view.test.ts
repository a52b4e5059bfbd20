import { expect, test } from 'vitest';
import { emergencyLines } from '../../../../supervisor/view/emergency-view.ts';

const deaths = [0, 1, 2, 3, 4].map((generation) => ({
  generation,
  atMs: 20_000 + generation * 1_500,
  how: generation === 4 ? 'process.exit(3)' : 'SIGSEGV',
}));

test('emergencyLines() say how often and how PID 1 died, what its log ends with, and what to do', () => {
  const log = [`2026-01-31T12:00:00.000Z error machine: ${'long '.repeat(30)}\x1b[2J`];
  const lines = emergencyLines({ deaths, log }, 80);
  expect(lines).toContain('*** EMERGENCY CONSOLE ***');
  expect(lines.join(' ')).toContain('PID 1 has died 5 times within 6s');
  expect(lines).toContain('[   26.000] generation 4 of PID 1: process.exit(3)');
  expect(lines).toContain(
    '  2026-01-31T12:00:00.000Z error machine: long long long long long long long',
  );
  expect(lines.join('\n')).toMatch(/^ {2}resume {2}[^]*^ {2}reboot[^]*^ {2}poweroff/m);
  expect(lines.filter((line) => line.length > 80 || line.includes('\x1b'))).toEqual([]);
});

test('emergencyLines() have no heading for a log that is not there', () => {
  expect(emergencyLines({ deaths, log: [] }, 80).join('\n')).not.toContain('ishmael.log');
});

test('emergencyLines() offer only what the image allows', () => {
  const lines = emergencyLines({ deaths, log: [] }, 80, (way) => way === 'status').join('\n');
  expect(lines).toMatch(/^ {2}status {4}which/m);
  expect(lines).not.toMatch(/^ {2}(resume|reboot|poweroff)/m);
  expect(lines).toContain('may only look');
});
