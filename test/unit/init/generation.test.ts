import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { currentGeneration, rememberGeneration } from '../../../init/generation.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'generation-'));
  file = join(directory, 'ishmael/generation.json');
});

afterEach(() => rmSync(directory, { recursive: true }));

const died = (how: string, starts = 1) => ({ how, starts });

it('currentGeneration() is the first without a record, whatever the environment says', () => {
  expect(currentGeneration(10, died('SIGSEGV', 4), file)).toMatchObject({ number: 0, deaths: [] });
});

it('currentGeneration() gives up when it has died five times before it could keep a record', () => {
  expect(currentGeneration(10, died('SIGSEGV', 5), file)).toMatchObject({ mode: 'given up' });
});

it('rememberGeneration() leaves what the next generation goes on with', () => {
  rememberGeneration(currentGeneration(0, died(''), file), file);
  const second = currentGeneration(10, died('SIGSEGV'), file);
  rememberGeneration(second, file);
  expect(second.number).toBe(1);
  const third = currentGeneration(20, died('process.exit(0)'), file);
  expect(third.deaths.map(({ how }) => how)).toEqual(['SIGSEGV', 'process.exit(0)']);
});

it('rememberGeneration() writes over the one page it has, and needs no other', () => {
  rememberGeneration(currentGeneration(0, died(''), file), file);
  const before = statSync(file);
  rememberGeneration(currentGeneration(10, died('SIGSEGV'), file), file);
  const after = statSync(file);
  expect([after.ino, after.size]).toEqual([before.ino, 4096]);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ number: 1 });
});

it('currentGeneration() takes a record that it cannot read for a machine that runs', () => {
  rememberGeneration(currentGeneration(0, died(''), file), file);
  writeFileSync(file, '{"number":');
  expect(currentGeneration(10, died('SIGSEGV'), file)).toMatchObject({ number: 2, mode: 'normal' });
});
