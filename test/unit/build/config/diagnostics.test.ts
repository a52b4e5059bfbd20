import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import {
  DIAGNOSTIC_CODES,
  type Diagnostic,
  renderDiagnostics,
} from '../../../../build/config/diagnostics.ts';
import { suggest } from '../../../../build/config/suggest.ts';

function at(line: number, col: number, length: number, rest: Partial<Diagnostic> = {}): Diagnostic {
  return { code: 'wrong-type', message: 'm', file: 'x.yml', line, col, length, ...rest };
}

function render(text: string, ...diagnostics: readonly Diagnostic[]): string {
  return renderDiagnostics(diagnostics, new Map([['x.yml', text]]));
}

test('renderDiagnostics() shows place, line and carets, with the suggestion', () => {
  const text = 'a: 1\nnett: new\n';
  expect(render(text, at(2, 1, 4, { message: 'unknown key', suggestion: 'net' }))).toBe(
    'x.yml:2:1: unknown key (did you mean "net"?)\n    2 | nett: new\n      | ^^^^\n',
  );
});

test('renderDiagnostics() sorts by place and says the same only once', () => {
  const rendered = render('a\nb\n', at(2, 1, 1), at(1, 1, 1), at(2, 1, 1));
  expect(rendered.match(/^x\.yml:\S+/gm)).toEqual(['x.yml:1:1:', 'x.yml:2:1:']);
});

test('renderDiagnostics() keeps the caret under its place behind tabs', () => {
  expect(render('\tk: v\n', at(1, 5, 1))).toContain('    1 | \tk: v\n      | \t   ^\n');
});

test('renderDiagnostics() underlines no further than the line goes', () => {
  expect(render('ab\r\n', at(1, 2, 9))).toContain('    1 | ab\n      |  ^\n');
  expect(render('ab\n', at(1, 3, 1))).toContain('      |   ^\n');
});

test('renderDiagnostics() shows the part of a very long line that matters', () => {
  const [, source = '', carets = ''] = render(`${'x'.repeat(5000)}HERE`, at(1, 5001, 4)).split(
    '\n',
  );
  expect(source.length).toBeLessThan(200);
  expect(source.indexOf('HERE')).toBe(carets.indexOf('^^^^'));
});

test('renderDiagnostics() shows control characters instead of sending them to the terminal', () => {
  expect(render('a: \u{1b}[2J\n', at(1, 1, 1))).not.toContain('\u{1b}');
  expect(render('a\n', at(1, 1, 1, { message: 'no image "\u{1b}[2J"' }))).not.toContain('\u{1b}');
});

test('renderDiagnostics() does without the text of a file it was not given', () => {
  expect(renderDiagnostics([at(1, 1, 1)], new Map())).toBe('x.yml:1:1: m\n');
});

test.each([
  ['comand', ['command', 'env'], 'command'],
  ['nte', ['command', 'env', 'net'], 'net'],
  ['CAP_NET_AMDIN', ['CAP_SYS_ADMIN', 'CAP_NET_ADMIN'], 'CAP_NET_ADMIN'],
  ['cap_kill', ['CAP_KILL'], 'CAP_KILL'],
  ['netw', ['uts', 'pid'], undefined],
  ['', ['a'], undefined],
])('suggest(%j) of %j', (word, candidates, expected) => {
  expect(suggest(word, candidates)).toBe(expected);
});

test('every code is met by a test', () => {
  const tests = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('diagnostics'))
    .concat('../cli/resolve-accounts.test.ts')
    .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
    .join('\n');
  const untested = DIAGNOSTIC_CODES.filter((code) => !new RegExp(`[ ']${code}[ ']`).test(tests));
  expect(untested).toEqual([]);
});
