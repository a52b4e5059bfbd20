import { expect, it } from 'vitest';
import { readSlots, slotsBytes } from '../../../../supervisor/log/read-slots.ts';

it('readSlots() has nobody in it at first', () => {
  const slots = readSlots(Buffer.alloc(slotsBytes(3)));
  expect(slots.map(({ owner, data }) => [owner, data.length])).toEqual(
    Array.from({ length: 3 }, () => ['', 65_536]),
  );
});

it('readSlots() shows of the same memory what was claimed and not cleared', () => {
  const memory = Buffer.alloc(slotsBytes(2));
  const [first, second] = readSlots(memory);
  first?.claim('/run/a');
  first?.data.write('taken');
  second?.claim('/run/b');
  second?.data.write('left');
  first?.clear(5);
  const [cleared, kept] = readSlots(memory);
  expect([cleared?.owner, cleared?.data[0]]).toEqual(['', 0]);
  expect([kept?.owner, kept?.data.toString('latin1', 0, 5)]).toEqual(['/run/b', 'left\0']);
});

it('readSlots() does not care for what is behind the bytes of a name', () => {
  const [slot] = readSlots(Buffer.alloc(slotsBytes(1)));
  slot?.claim('/run/a-long-name');
  slot?.clear(0);
  slot?.claim('/run/b');
  expect(slot?.owner).toBe('/run/b');
});
