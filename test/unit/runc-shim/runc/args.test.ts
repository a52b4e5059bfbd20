import { expect, test } from 'vitest';
import { createArgs, deleteArgs, killArgs, startArgs } from '../../../../runc-shim/runc/args.ts';

const PATHS = { root: '/run/r', logFile: '/run/l/a.json' };
const GLOBAL = ['--root', '/run/r', '--log', '/run/l/a.json', '--log-format', 'json'];

test('createArgs() names bundle and pid file, the id last', () => {
  expect(createArgs(PATHS, 'a', '/b', '/b/pid')).toEqual([
    ...GLOBAL,
    'create',
    '--bundle',
    '/b',
    '--pid-file',
    '/b/pid',
    'a',
  ]);
});

test('startArgs(), killArgs() and deleteArgs() put the global options first', () => {
  expect(startArgs(PATHS, 'a')).toEqual([...GLOBAL, 'start', 'a']);
  expect(killArgs(PATHS, 'a', 15)).toEqual([...GLOBAL, 'kill', 'a', '15']);
  expect(deleteArgs(PATHS, 'a')).toEqual([...GLOBAL, 'delete', '--force', 'a']);
});
