import { expect, it } from 'vitest';
import type { MachineLogLine } from '../../../../supervisor/control/api.ts';
import { LogBook } from '../../../../supervisor/log/log-book.ts';
import { LogRing } from '../../../../supervisor/log/ring.ts';

function ring(...times: readonly number[]): LogRing {
  const made = new LogRing();
  for (const atMs of times) made.add(atMs, 'stdout', `at ${atMs}`);
  return made;
}

it('LogBook.recent() has all logs by time, each line with its unit', () => {
  const book = new LogBook();
  book.set('a', ring(1, 4));
  book.set('b', ring(2));
  book.setMachineLog('kernel', ring(3));
  expect([...book.recent()]).toEqual([
    { unit: 'a', seq: 1, atMs: 1, stream: 'stdout', text: 'at 1' },
    { unit: 'b', seq: 1, atMs: 2, stream: 'stdout', text: 'at 2' },
    { seq: 1, atMs: 3, stream: 'stdout', text: 'at 3' },
    { unit: 'a', seq: 2, atMs: 4, stream: 'stdout', text: 'at 4' },
  ]);
});

it('LogBook.follow() hears logs that begin later, until it is ended', () => {
  const book = new LogBook();
  const first = ring();
  book.set('first', first);
  const heard: MachineLogLine[] = [];
  const leave = book.follow((line) => heard.push(line));
  first.add(1, 'stdout', 'one');
  const second = ring(0);
  book.set('second', second);
  second.add(2, 'stderr', 'two');
  const own = ring();
  book.setMachineLog('ishmael', own);
  own.add(3, 'ishmael', 'three');
  leave();
  first.add(4, 'stdout', 'four');
  book.set('third', ring());
  book.get('third')?.add(5, 'stdout', 'five');
  expect(heard.map(({ unit, text }) => [unit, text])).toEqual([
    ['first', 'one'],
    ['second', 'two'],
    [undefined, 'three'],
  ]);
});
