import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createStateKeeper } from '../../../init/saved-state.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'state-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

it('createStateKeeper() tells once that it cannot write, then that it can again', async () => {
  const told: string[] = [];
  const file = join(directory, 'later/state.json');
  const keep = createStateKeeper(
    () => ({ supervisor: { phase: 'services', units: [] }, boot: { phases: [], milestones: {} } }),
    (severity, text) => told.push(`${severity} ${text.split(':')[0]}`),
    file,
  );
  const write = async (): Promise<void> => {
    keep();
    await nextTurn();
  };
  await write();
  await write();
  mkdirSync(join(directory, 'later'));
  await write();
  await write();
  rmSync(join(directory, 'later'), { recursive: true });
  await write();
  expect(told).toEqual([
    'error the state cannot be kept',
    'info the state is kept again',
    'error the state cannot be kept',
  ]);
  mkdirSync(join(directory, 'later'));
  await write();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 1 });
});
