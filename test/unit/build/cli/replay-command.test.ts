import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { dispatch } from '../../../../build/cli/dispatch.ts';
import { DEFAULT_SERVICE_POLICY } from '../../../../supervisor/service/policy.ts';

const START = {
  recording: 'ishmael-events',
  version: 1,
  atMs: 900,
  wallMs: 0,
  generation: 0,
  lost: 0,
  supervisor: { phase: 'boot', units: [] },
};
const REDIS = { id: 'redis', name: 'redis', image: 'ishmael/redis', kind: 'service' };
const EVENTS = [
  { atMs: 1000, type: 'unit.added', unit: { ...REDIS, policy: DEFAULT_SERVICE_POLICY } },
  { atMs: 1500, type: 'boot.finished' },
  { atMs: 2000, type: 'unit.created', id: 'redis', run: 1, pid: 71 },
  { atMs: 2001, type: 'unit.started', id: 'redis', run: 1 },
  { atMs: 3000, type: 'unit.exited', id: 'redis', run: 1, end: { kind: 'exited', code: 3 } },
];
const lines = (values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');

let dir = '';
let printed = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'replay-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(dir, { recursive: true });
});

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(dir, name), content);
  return join(dir, name);
}

it('replay prints events, transitions, news and orders, and the end', async () => {
  expect(await dispatch(['replay', file('events.jsonl', lines([START, ...EVENTS]))])).toBe(0);
  expect(printed).toContain('0.900  recording begins, 1970-01-01T00:00:00.000Z (line 1)\n');
  expect(printed).toContain(
    [
      '       3.000  unit.exited id=redis run=1 end={"kind":"exited","code":3}',
      '              redis: running → cleaning',
      '              warning redis: exit code 3',
      '              order unit.remove id=redis run=1',
      '',
    ].join('\n'),
  );
  expect(printed).toMatch(/in the end, phase services:\n {2}redis {2}backoff: exit code 3; /);
  expect(printed).toMatch(/5 events played; none of its lines is damaged\n$/);
});

it('replay reads older, compressed files and goes on in the next', async () => {
  const old = file('events.jsonl.1.gz', gzipSync(lines([START, ...EVENTS.slice(0, 3)])));
  expect(await dispatch(['replay', old, file('events.jsonl', lines(EVENTS.slice(3)))])).toBe(0);
  expect(printed).toContain('redis: running → cleaning');
});

it('replay names the line that is damaged and fails', async () => {
  const text = lines([START, ...EVENTS]).replace('unit.created', 'unit.created"');
  expect(await dispatch(['replay', file('events.jsonl', text)])).toBe(1);
  expect(printed).toContain('line 4 is damaged: the line is not JSON\n');
});

it('replay fails for a file in which nothing is recorded', async () => {
  expect(await dispatch(['replay', file('empty', '')])).toBe(1);
});
