/**
 * Reads FIFOs as long as they are open, within the share of PID 1's time that logs may take, and on threads of
 * the pool: a read(2) of a pipe may stand for as long as a writer likes (sys/linux/fifo.ts), and then only
 * its FIFO must wait.
 *
 * SIGIO says neither where nor how often, so all FIFOs that are waited for are asked, in one call. Costs
 * nothing while nobody writes. A buffer belongs to a read and not to a reader: a hundred silent services cost
 * no memory, and a flood of output makes no garbage. What has been read when PID 1 dies is the next generation's
 * (read-slots.ts).
 */
import type { Fifo, Sys } from '../../sys/sys.ts';
import { errnoCode } from '../../sys/errno.ts';
import { SLOW_FILES_AT_ONCE } from '../slow-files.ts';
import { readShare } from './read-share.ts';
import { type ReadSlot, readSlots, slotsBytes } from './read-slots.ts';

/** Between two looks at the reads that are under way. One that both of them see stands. */
const LOOK_MS = 1000;

const HOLD_MS = 2 ** 30;

/** Threads that are left to everybody else: those that may stand for other reasons, and one that never does. */
const OTHERS_THREADS = SLOW_FILES_AT_ONCE + 1;

export interface StreamListener {
  /** The bytes are overwritten as soon as it returns. */
  readonly onChunk: (chunk: Buffer) => void;
  /** It is not read any more. */
  readonly onError: (error: Error) => void;
  /**
   * A read of it has not returned for one to two seconds, though there is something to read: a writer keeps it locked.
   * Returns the function that is called when it has returned.
   */
  readonly onStanding?: () => () => void;
}

export interface StreamReader {
  /** Resolves when all that is in the FIFO at this moment has been read; never, as long as somebody floods it or keeps it locked. */
  readonly caughtUp: () => Promise<void>;
  /** Ends reading, and closes it. */
  readonly close: () => void;
}

type ReadSys = Pick<Sys, 'openFifo' | 'haveInput' | 'keptMemory'>;

interface Stream {
  readonly sys: ReadSys;
  readonly path: string;
  readonly fifo: Fifo;
  readonly listener: StreamListener;
  isClosed: boolean;
  /** Who waits for it to have caught up. */
  onCaughtUp: (() => void)[];
}

interface Read {
  readonly stream: Stream;
  isSeen: boolean;
  over: (() => void) | undefined;
}

let open = 0;
/** Neither signals nor watched FIFOs keep an event loop alive. */
let hold: NodeJS.Timeout | undefined;
/** Each stream is in one of these, or pauses. */
const waiting = new Map<Fifo, Stream>();
const queue: Stream[] = [];
const reads = new Set<Read>();

/** One for each read that may be under way. */
let slots: ReadSlot[] | undefined;
/** By path, what an earlier generation had read when it died. */
let left: Map<string, ReadSlot> | undefined;
let nextLook: NodeJS.Immediate | undefined;
let watch: NodeJS.Timeout | undefined;

/**
 * Opens the FIFO at `path`, or goes on with the descriptor of an earlier generation of PID 1. Until it is closed the
 * process does not end by itself. The listener is not called before this returns. Throws as `Sys.openFifo` does.
 */
export function readStream(sys: ReadSys, path: string, listener: StreamListener): StreamReader {
  if (slots === undefined) useMemory(sys);
  const fifo = sys.openFifo(path);
  const stream: Stream = { sys, path, fifo, listener, isClosed: false, onCaughtUp: [] };
  // Before the first has an owner: without a listener the signal ends a process that is not PID 1.
  if (open === 0) process.on('SIGIO', look);
  open += 1;
  hold ??= setInterval(() => undefined, HOLD_MS);
  if (left?.has(path)) setImmediate(takeWhatIsLeft, stream);
  else goOn(stream);
  return { caughtUp: async () => caughtUp(stream), close: () => end(stream) };
}

async function caughtUp(stream: Stream): Promise<void> {
  if (stream.isClosed || (waiting.has(stream.fifo) && !hasInput(stream))) return undefined;
  return new Promise((resolve) => stream.onCaughtUp.push(resolve));
}

function useMemory(sys: ReadSys): void {
  const bytes = slotsBytes(Math.max(1, poolThreads() - OTHERS_THREADS));
  const memory = sys.keptMemory('ishmael-reads', bytes);
  const kept = readSlots(memory);
  left = new Map(kept.flatMap((slot) => (slot.owner === '' ? [] : [[slot.owner, slot] as const])));
  // The others come back when what is in them has been taken.
  slots = kept.filter((slot) => slot.owner === '');
}

function takeWhatIsLeft(stream: Stream): void {
  const { path, listener, isClosed } = stream;
  const found = isClosed ? undefined : left?.get(path);
  if (found !== undefined) {
    left?.delete(path);
    const { data } = found;
    const length = data.findLastIndex((byte) => byte !== 0) + 1;
    try {
      if (length > 0) listener.onChunk(data.subarray(0, length));
    } finally {
      found.clear(length);
      slots?.push(found);
    }
  }
  goOn(stream);
}

function goOn(stream: Stream): void {
  if (stream.isClosed) return;
  if (hasInput(stream)) return readSoon(stream);
  waiting.set(stream.fifo, stream);
  stream.fifo.signalInput(true);
  // Of what came between the two there is no signal.
  if (hasInput(stream)) readSoon(stream);
  else tellCaughtUp(stream);
}

function tellCaughtUp(stream: Stream): void {
  for (const tell of stream.onCaughtUp.splice(0)) tell();
}

function hasInput({ sys, fifo }: Stream): boolean {
  return sys.haveInput([fifo]).length > 0;
}

function stopWaiting({ fifo }: Stream): void {
  if (waiting.delete(fifo)) fifo.signalInput(false);
}

/** Once in a turn of the event loop, as many signals as there are: sockets raise the same one (watch-datagrams.ts). */
function look(): void {
  nextLook ??= setImmediate(readWhatHasCome);
}

function readWhatHasCome(): void {
  nextLook = undefined;
  const [first] = waiting.values();
  for (const fifo of first?.sys.haveInput([...waiting.keys()]) ?? []) {
    const stream = waiting.get(fifo);
    if (stream !== undefined) readSoon(stream);
  }
}

function readSoon(stream: Stream): void {
  stopWaiting(stream);
  const slot = slots?.pop() ?? abandonedSlot();
  if (slot === undefined) queue.push(stream);
  else read(stream, slot);
}

/** Of an earlier generation's read that nobody has come for. */
function abandonedSlot(): ReadSlot | undefined {
  const [oldest] = left ?? [];
  if (oldest === undefined) return undefined;
  const [path, slot] = oldest;
  left?.delete(path);
  slot.clear(slot.data.length);
  return slot;
}

/** As libuv makes them when the first is needed. */
function poolThreads(): number {
  return Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
}

function read(stream: Stream, slot: ReadSlot): void {
  slot.claim(stream.path);
  const started: Read = { stream, isSeen: false, over: undefined };
  reads.add(started);
  watch ??= setTimeout(lookSoon, LOOK_MS).unref();
  stream.fifo.read(slot.data, (error, length) => {
    reads.delete(started);
    started.over?.();
    // Whose end came meanwhile; who ends it from here on closes it there.
    if (stream.isClosed) stream.fifo.close();
    const fromMs = performance.now();
    try {
      if (length > 0 && !stream.isClosed) stream.listener.onChunk(slot.data.subarray(0, length));
    } finally {
      // Before the next read of it: no two slots are ever the same stream's.
      slot.clear(length);
      const next = queue.shift();
      if (next === undefined) slots?.push(slot);
      else read(next, slot);
      goOnAfter(stream, error, readShare.spend(fromMs, performance.now()));
    }
  });
}

function goOnAfter(stream: Stream, error: Error | undefined, pauseMs: number): void {
  if (stream.isClosed) return;
  // EAGAIN: a program of the container has read it.
  if (error !== undefined && errnoCode(error) !== 'EAGAIN') stream.listener.onError(error);
  else if (pauseMs > 0) setTimeout(goOn, pauseMs, stream);
  else goOn(stream);
}

function end(stream: Stream): void {
  if (stream.isClosed) return;
  stream.isClosed = true;
  tellCaughtUp(stream);
  stopWaiting(stream);
  open -= 1;
  if (open === 0) {
    process.off('SIGIO', look);
    clearInterval(hold);
    hold = undefined;
  }
  const place = queue.indexOf(stream);
  if (place !== -1) queue.splice(place, 1);
  const isRead = [...reads].some((started) => started.stream === stream);
  // The number must not be somebody else's while a read of it is on its way.
  if (!isRead) stream.fifo.close();
}

/** Behind the reads that have returned meanwhile: this loop itself may have been busy for longer. */
function lookSoon(): void {
  setImmediate(lookForStanding);
}

function lookForStanding(): void {
  watch = reads.size === 0 ? undefined : setTimeout(lookSoon, LOOK_MS).unref();
  for (const started of reads) {
    if (started.isSeen) started.over ??= started.stream.listener.onStanding?.();
    started.isSeen = true;
  }
}
