import { expect, test } from 'vitest';
import {
  createArgs,
  deleteArgs,
  detachedExecArgs,
  execArgs,
  killArgs,
  startArgs,
} from '../../../../runc-shim/runc/args.ts';

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

test('createArgs() says how many descriptors go on to the container, when there are any', () => {
  expect(createArgs(PATHS, 'a', '/b', '/b/pid', { preserveFds: 3 }).slice(-3)).toEqual([
    '--preserve-fds',
    '3',
    'a',
  ]);
});

test('execArgs() takes all of the command from a file', () => {
  expect(execArgs(PATHS, 'a', '/e/process.json', '/e/pid')).toEqual([
    ...GLOBAL,
    'exec',
    '--process',
    '/e/process.json',
    '--pid-file',
    '/e/pid',
    'a',
  ]);
});

test('createArgs() and detachedExecArgs() say where a terminal is sent to, when there is one', () => {
  const wanted = { consoleSocket: '/run/c' };
  expect(createArgs(PATHS, 'a', '/b', '/b/pid', wanted).slice(-3)).toEqual([
    '--console-socket',
    '/run/c',
    'a',
  ]);
  const files = ['--process', '/p', '--pid-file', '/f'];
  const exec = [...GLOBAL, 'exec', '--detach'];
  expect(detachedExecArgs(PATHS, 'a', '/p', '/f')).toEqual([...exec, ...files, 'a']);
  expect(detachedExecArgs(PATHS, 'a', '/p', '/f', '/run/c')).toEqual([
    ...exec,
    '--console-socket',
    '/run/c',
    ...files,
    'a',
  ]);
});
