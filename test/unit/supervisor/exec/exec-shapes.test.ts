import { describe, expect, it } from 'vitest';
import {
  execPath,
  isExecPath,
  readSessionRequest,
} from '../../../../supervisor/exec/exec-shapes.ts';

describe('readSessionRequest()', () => {
  it('takes a command, with all that may be beside it, and nothing more', () => {
    const request = {
      args: ['ls', '-l', ''],
      terminal: { rows: 24, columns: 80 },
      env: ['TERM=xterm', 'EMPTY='],
      cwd: '/srv',
    };
    expect(readSessionRequest(request)).toEqual(request);
    expect(readSessionRequest({ args: ['ls'], privileged: true })).toEqual({ args: ['ls'] });
  });

  it('takes a copy, with nothing but what a copy may have', () => {
    const copy = { copy: 'from', path: '/srv' };
    const rest = { follow: false, isDirectory: false };
    expect(readSessionRequest(copy)).toEqual({ ...copy, ...rest });
    const more = { copy: 'to', path: '/', follow: true, isDirectory: true };
    expect(readSessionRequest({ ...more, args: ['ls'] })).toEqual(more);
  });

  it.each([
    [{ copy: 'away', path: '/' }, 'copy'],
    [{ copy: 'to' }, 'path'],
    [{ copy: 'to', path: 'srv' }, 'path'],
    [{ copy: 'to', path: '/a\0' }, 'path'],
    [{ copy: 'from', path: '/', follow: 1 }, 'follow'],
    [{ copy: 'to', path: '/', isDirectory: 'yes' }, 'isDirectory'],
    [undefined, 'JSON'],
    [{}, 'args'],
    [{ args: [] }, 'args'],
    [{ args: [''] }, 'args'],
    [{ args: 'ls' }, 'args'],
    [{ args: ['ls', 1] }, 'args'],
    [{ args: ['ls\0'] }, 'args'],
    [{ args: ['ls'], env: ['=x'] }, 'env'],
    [{ args: ['ls'], env: ['TERM'] }, 'env'],
    [{ args: ['ls'], cwd: 'srv' }, 'cwd'],
    [{ args: ['ls'], terminal: true }, 'terminal'],
    [{ args: ['ls'], terminal: { rows: 24 } }, 'terminal'],
    [{ args: ['ls'], terminal: { rows: -1, columns: 80 } }, 'terminal'],
    [{ args: ['ls'], terminal: { rows: 70_000, columns: 80 } }, 'terminal'],
  ])('says what is wrong with %j', (value, word) => {
    expect(readSessionRequest(value)).toContain(word);
  });
});

it('isExecPath() knows the route of an exec from others', () => {
  expect(isExecPath(execPath('a/b c'))).toBe(true);
  expect(isExecPath('/v1/services/exec')).toBe(false);
  expect(isExecPath('/v1/services/a/exec/b')).toBe(false);
  expect(isExecPath('/v1/services/a/start')).toBe(false);
});
