import { describe, expect, test } from 'vitest';
import { lastErrorText } from '../../../../runc-shim/runc/log.ts';

// Lines as runc 1.1.5 and crun 1.8.1 wrote them.
const RUNC =
  '{"level":"error","msg":"runc create failed: JSON specification file config.json not found","time":"2026-11-22T03:20:10Z"}\n';
const CRUN =
  '{"msg":"error loading config.json","level":"error","time":"2026-11-22T03:20:10.676644Z"}\n';
const WARNING = '{"level":"warning","msg":"signal: killed","time":"2026-11-22T03:20:11Z"}\n';

describe('lastErrorText()', () => {
  test('reads the formats of runc and crun', () => {
    expect(lastErrorText(RUNC)).toBe(
      'runc create failed: JSON specification file config.json not found',
    );
    expect(lastErrorText(CRUN)).toBe('error loading config.json');
  });

  test('takes the last error and prefers it to a later warning', () => {
    expect(lastErrorText(RUNC + CRUN + WARNING)).toBe('error loading config.json');
  });

  test('falls back to the last line when nothing is an error', () => {
    expect(lastErrorText(WARNING)).toBe('signal: killed');
    expect(lastErrorText(`${WARNING}runc: libseccomp.so.2: not found\n`)).toBe(
      'runc: libseccomp.so.2: not found',
    );
  });

  test('keeps a line that was cut off', () => {
    expect(lastErrorText('{"level":"error","msg":"half')).toBe('{"level":"error","msg":"half');
  });

  test.each(['', '\n \n'])('is undefined for the empty log %j', (log) => {
    expect(lastErrorText(log)).toBeUndefined();
  });
});
