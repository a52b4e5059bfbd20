import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { Followers } from '../../../../supervisor/control/followers.ts';

/** As much of an answer as followers know of; it takes everything, or nothing. */
class Answer extends EventEmitter {
  destroyed = false;
  written = '';
  writableLength = 0;
  readonly reads: boolean;
  constructor(reads = true) {
    super();
    this.reads = reads;
  }
  write(text: string): boolean {
    if (this.reads) this.written += text;
    else this.writableLength += text.length;
    return this.reads;
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

type Listener = (item: unknown) => void;

function source() {
  const listeners = new Set<Listener>();
  return {
    listeners,
    tell: (item: unknown): void => {
      for (const listener of listeners) listener(item);
    },
    follow: (listener: Listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const answerOf = (answer: Answer): ServerResponse => answer as unknown as ServerResponse;

test('everybody gets each item, in order, and nothing before what comes first', async () => {
  const followers = new Followers();
  const { tell, follow } = source();
  const [early, late] = [new Answer(), new Answer()];
  const begin = followers.add(answerOf(early), follow);
  tell({ n: 1 });
  await turn();
  expect(early.written).toBe('');
  begin();
  followers.add(answerOf(late), follow)();
  tell({ n: 2 });
  await turn();
  expect(early.written).toBe('{"n":1}\n{"n":2}\n');
  expect(late.written).toBe('{"n":2}\n');
});

test('who is gone is not written to, and follows nothing any more', async () => {
  const followers = new Followers();
  const { tell, follow, listeners } = source();
  const answer = new Answer();
  followers.add(answerOf(answer), follow)();
  tell(1);
  answer.destroy();
  await turn();
  expect(answer.written).toBe('');
  expect(listeners.size).toBe(0);
});

test('who does not read is dropped, and nobody else', async () => {
  const followers = new Followers();
  const { tell, follow } = source();
  const [deaf, reader] = [new Answer(false), new Answer()];
  followers.add(answerOf(deaf), follow)();
  followers.add(answerOf(reader), follow)();
  const item = 'x'.repeat(100_000);
  for (let sent = 0; sent < 12; sent += 1) {
    tell(item + String(sent));
    await turn();
  }
  expect(deaf.destroyed).toBe(true);
  expect(reader.destroyed).toBe(false);
  expect(reader.written.length).toBeGreaterThan(12 * 100_000);
});

test('when all together take too much, the one furthest behind goes, and only that one', async () => {
  const followers = new Followers();
  const { tell, follow } = source();
  const furthest = new Answer(false);
  followers.add(answerOf(furthest), follow)();
  tell('x'.repeat(100_000));
  await turn();
  // Each less than the megabyte it may have, all together more than 16 MiB.
  const others = Array.from({ length: 18 }, () => new Answer(false));
  for (const other of others) followers.add(answerOf(other), follow)();
  for (let sent = 0; sent < 9; sent += 1) {
    tell('x'.repeat(100_000) + String(sent));
    await turn();
  }
  expect(furthest.destroyed).toBe(true);
  expect(others.filter(({ destroyed }) => destroyed)).toEqual([]);
});
