import { describe, expect, it } from 'vitest';
import { parsePortForward } from '../../../../build/run/port-forward.ts';

describe('parsePortForward()', () => {
  it('reads HOST:GUEST', () => {
    expect(parsePortForward('8080:80')).toEqual({ host: 8080, guest: 80 });
  });

  it('takes host port 0, which asks for any', () => {
    expect(parsePortForward('0:6379')).toEqual({ host: 0, guest: 6379 });
  });

  it.each(['', '80', '80:', ':80', '80:0', '65536:80', '80:65536', '1:2:3', 'a:b', ' 1:2', '-1:2'])(
    'refuses %j',
    (text) => {
      expect(parsePortForward(text)).toBeUndefined();
    },
  );
});
