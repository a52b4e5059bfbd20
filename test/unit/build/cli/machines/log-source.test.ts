import { describe, expect, it } from 'vitest';
import { logSource } from '../../../../../build/cli/machines/log-source.ts';
import { unitStatus } from '../../../../support/unit-status.ts';

describe('logSource()', () => {
  it('finds the log of a unit by id or name, and escapes what goes into the path', () => {
    expect(logSource([unitStatus('000-a b', { name: 'a b' })], 'a b').path).toBe(
      '/v1/services/000-a%20b/logs',
    );
  });

  it('knows the logs of the machine, and prefers a service of that name', () => {
    expect(logSource([], 'kernel').path).toBe('/v1/logs/kernel');
    expect(logSource([unitStatus('kernel')], 'kernel').path).toBe('/v1/services/kernel/logs');
  });

  it('throws for a name that nothing has', () => {
    expect(() => logSource([unitStatus('web')], 'wbe')).toThrow('Did you mean "web"?');
  });

  it('says of lines of all logs whose they are, and keeps their numbers apart', () => {
    const { lines, logOf } = logSource([], undefined);
    const line = { seq: 1, atMs: 1_500, text: 'hello' } as const;
    expect(lines({ ...line, stream: 'stdout', unit: 'web' })).toEqual(['[    1.500] web: hello']);
    expect(lines({ ...line, stream: 'kernel' })).toEqual(['[    1.500] kernel: hello']);
    expect(logOf({ ...line, stream: 'kernel' })).not.toBe(
      logOf({ ...line, stream: 'stdout', unit: 'web' }),
    );
  });
});
