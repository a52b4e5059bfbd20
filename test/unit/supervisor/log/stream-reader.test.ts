import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { readSlots, slotsBytes } from '../../../../supervisor/log/read-slots.ts';
import { readStream, type StreamReader } from '../../../../supervisor/log/stream-reader.ts';
import { SysError } from '../../../../sys/errno.ts';
import type { Fifo, Sys } from '../../../../sys/sys.ts';

/** A FIFO whose reads return when the test says so. */
class TestFifo implements Fifo {
  readonly fd = -1;
  /** What is in it, as poll(2) sees it. */
  input = '';
  isSignalled = false;
  isClosed = false;
  /** Lets the read that is under way return. */
  answer: (() => void) | undefined;

  read(buffer: Uint8Array, done: (error: Error | undefined, length: number) => void): void {
    this.answer = () => {
      this.answer = undefined;
      const text = this.input;
      this.input = '';
      buffer.set(Buffer.from(text));
      if (text === '') done(new SysError('read', 'EAGAIN', ''), 0);
      else done(undefined, text.length);
    };
  }

  signalInput(isWanted: boolean): void {
    this.isSignalled = isWanted;
  }

  close(): void {
    // Its number may be another file's by then.
    if (this.isClosed) throw new Error('closed twice');
    this.isClosed = true;
  }

  /** A program writes, and the kernel says so if it was asked to. */
  write(text: string): void {
    this.input += text;
    if (this.isSignalled) process.emit('SIGIO', 'SIGIO');
    vi.advanceTimersByTime(0);
  }
}

const closers: (() => void)[] = [];
let told: string[];

// One clock for all: the reader's own timer goes from one test to the next.
beforeAll(() => void vi.useFakeTimers());
afterAll(() => void vi.useRealTimers());
beforeEach(() => {
  told = [];
});
afterEach(() => {
  for (const close of closers.splice(0)) close();
  vi.advanceTimersByTime(1000);
});

function reader(
  name: string,
  onChunk: () => void = () => undefined,
): StreamReader & { readonly fifo: TestFifo } {
  const fifo = new TestFifo();
  const sys: Pick<Sys, 'openFifo' | 'haveInput' | 'keptMemory'> = {
    openFifo: () => fifo,
    keptMemory: (_, bytes) => Buffer.alloc(bytes),
    haveInput: (fifos) => fifos.filter((one) => one instanceof TestFifo && one.input !== ''),
  };
  const read = readStream(sys, name, {
    onChunk(chunk) {
      told.push(`${name}: ${chunk.toString()}`);
      onChunk();
    },
    onError: (error) => told.push(`${name} failed: ${error.message}`),
    onStanding: () => {
      told.push(`${name} stands`);
      return () => told.push(`${name} stands no more`);
    },
  });
  return { fifo, ...read };
}

function kept(name: string): TestFifo {
  const { fifo, close } = reader(name);
  closers.push(() => {
    close();
    fifo.answer?.();
  });
  return fifo;
}

it('readStream() asks for a signal only while it waits, and reads what comes', () => {
  const fifo = kept('a');
  expect(fifo.isSignalled).toBe(true);
  fifo.write('one');
  expect(fifo.isSignalled).toBe(false);
  fifo.write(' two');
  fifo.answer?.();
  expect(told).toEqual(['a: one two']);
  expect(fifo.isSignalled).toBe(true);
});

it('readStream() goes on when somebody else has read it', () => {
  const fifo = kept('a');
  fifo.write('one');
  fifo.input = '';
  fifo.answer?.();
  fifo.write('two');
  fifo.answer?.();
  expect(told).toEqual(['a: two']);
});

it('readStream() tells of a read that stands, and of its return', () => {
  const fifo = kept('a');
  fifo.write('one');
  vi.advanceTimersByTime(900);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(5000);
  expect(told).toEqual(['a stands']);
  fifo.answer?.();
  expect(told).toEqual(['a stands', 'a stands no more', 'a: one']);
});

it('readStream() lets the others wait when as many stand as there are threads for', () => {
  // Without a word in the environment libuv has four threads, of which three are for everybody else.
  const [first, second, third] = [kept('a'), kept('b'), kept('c')];
  for (const fifo of [first, second, third]) fifo.write('x');
  expect([second.answer, third.answer]).toEqual([undefined, undefined]);
  first.answer?.();
  expect(second.answer).toBeDefined();
  expect(third.answer).toBeUndefined();
  second.answer?.();
  third.answer?.();
  expect(told).toEqual(['a: x', 'b: x', 'c: x']);
});

it('a closed stream is closed when its read has returned, and says nothing more', () => {
  const { fifo, close } = reader('a');
  fifo.write('one');
  close();
  expect(fifo.isClosed).toBe(false);
  fifo.answer?.();
  expect(fifo.isClosed).toBe(true);
  expect(told).toEqual([]);
  const silent = reader('b');
  silent.close();
  expect([silent.fifo.isClosed, silent.fifo.isSignalled]).toEqual([true, false]);
});

it('a stream is closed once, by who hears of a chunk too', () => {
  const { fifo, close } = reader('a', () => close());
  fifo.write('one');
  fifo.answer?.();
  expect(fifo.isClosed).toBe(true);
  close();
  expect([told, fifo.isSignalled, fifo.answer]).toEqual([['a: one'], false, undefined]);
});

it('a stream that waits for a thread and is closed is never read', () => {
  const first = kept('a');
  first.write('x');
  const { fifo, close } = reader('b');
  fifo.write('x');
  close();
  first.answer?.();
  expect([fifo.answer, fifo.isClosed]).toEqual([undefined, true]);
});

it('what an earlier generation had read comes first, and its slot is free again', async () => {
  const memory = Buffer.alloc(slotsBytes(2));
  const [, slot] = readSlots(memory);
  slot?.claim('/run/a');
  slot?.data.write('read before\n');
  const fifo = new TestFifo();
  fifo.input = 'written since\n';
  vi.resetModules();
  const next = await import('../../../../supervisor/log/stream-reader.ts');
  const sys: Parameters<typeof readStream>[0] = {
    openFifo: () => fifo,
    haveInput: (fifos) => fifos.filter((one) => one instanceof TestFifo && one.input !== ''),
    keptMemory: () => memory,
  };
  const read = next.readStream(sys, '/run/a', {
    onChunk: (chunk) => told.push(chunk.toString()),
    onError: (error) => told.push(error.message),
  });
  // Who listens has to know first whom it listens to.
  expect(told).toEqual([]);
  vi.advanceTimersByTime(0);
  fifo.answer?.();
  read.close();
  expect(told).toEqual(['read before\n', 'written since\n']);
  expect(readSlots(memory).map(({ owner }) => owner)).toEqual(['', '']);
  expect(memory.every((byte, index) => byte === 0 || index % slotsBytes(1) < 4096)).toBe(true);
});

it('a stream has caught up when all is read that was there', async () => {
  const { fifo, caughtUp, close } = reader('a');
  await caughtUp();
  fifo.write('one');
  const later = caughtUp().then(() => told.push('caught up'));
  await Promise.resolve();
  fifo.input += ' two';
  expect(told).toEqual([]);
  fifo.answer?.();
  await later;
  expect(told).toEqual(['a: one two', 'caught up']);
  close();
  await caughtUp();
});
