import { expect, it } from 'vitest';
import { parsePressure } from '../../../../supervisor/inspect/pressure.ts';

it('parsePressure() has both lines', () => {
  const text =
    'some avg10=12.50 avg60=3.00 avg300=0.75 total=918190033\n' +
    'full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n';
  expect(parsePressure(text)).toEqual({
    some: { avg10: 12.5, avg60: 3, avg300: 0.75, totalUs: 918_190_033 },
    full: { avg10: 0, avg60: 0, avg300: 0, totalUs: 7 },
  });
});

it('parsePressure() has no "full" of processors before Linux 5.13', () => {
  expect(parsePressure('some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n')).toEqual({
    some: { avg10: 0, avg60: 0, avg300: 0, totalUs: 0 },
  });
});

it('parsePressure() is nothing where nothing is measured', () => {
  expect(parsePressure('')).toBeUndefined();
});
