import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  facilityOf,
  priorityOf,
  severityOf,
  splitPriority,
  withPriority,
} from '../../../../supervisor/log/priority.ts';

it.each([
  [0, 'kern.emerg x'],
  [6, 'kern.info x'],
  [30, 'daemon.info x'],
  [191, 'local7.debug x'],
  [12 * 8 + 3, '12.err x'],
  [200 * 8, '200.emerg x'],
])('withPriority() writes %i as %j', (priority, text) => {
  expect(withPriority(priority, 'x')).toBe(text);
});

it('splitPriority() reads what withPriority() wrote', () => {
  fc.assert(
    fc.property(fc.nat({ max: 8000 }), fc.string({ unit: 'binary' }), (priority, text) => {
      expect(splitPriority(withPriority(priority, text))).toEqual({ priority, text });
    }),
  );
});

it.each([
  '',
  'info x',
  'daemon. x',
  'nobody.info x',
  'daemon.loud x',
  '99999.info x',
  'a b.info x',
])('splitPriority() finds none in %j', (text) => {
  expect(splitPriority(text)).toBeUndefined();
});

it('priorities have two parts', () => {
  expect([facilityOf(28), severityOf(28)]).toEqual([3, 4]);
  expect(priorityOf(3, 4)).toBe(28);
});
