/**
 * An answer that has one object a line: what was, and then what comes for as long as the client stays. What
 * was goes out as fast as it is read. What comes waits for its turn of the event loop, so that a thousand
 * lines are one write; and a client that falls too far behind is dropped, never waited for.
 */
import type { ServerResponse } from 'node:http';

/** A follower this far behind is dropped; well above one log ring. */
const MAX_UNSENT_BYTES = 1_048_576;
/** Between two portions other things have their turn, and the client time to read. */
const PORTION_CHARS = 65_536;

/** @param follow calls its listener with what comes, until the function it returns is called. */
export function streamNdjson<T>(
  response: ServerResponse,
  first: Iterable<T>,
  follow?: (listener: (item: T) => void) => () => void,
): void {
  const past = first[Symbol.iterator]();
  let pastIsOver = false;
  let coming: string[] = [];
  let comingChars = 0;
  let isScheduled = false;

  function flush(): void {
    isScheduled = false;
    if (!pastIsOver || coming.length === 0 || response.destroyed) return;
    const text = coming.join('');
    coming = [];
    comingChars = 0;
    response.write(text);
  }

  function add(item: T): void {
    if (response.destroyed) return;
    const line = `${JSON.stringify(item)}\n`;
    coming.push(line);
    comingChars += line.length;
    if (comingChars + response.writableLength > MAX_UNSENT_BYTES) {
      coming = [];
      response.destroy();
    } else if (pastIsOver && !isScheduled) {
      isScheduled = true;
      setImmediate(flush);
    }
  }

  function writePast(): void {
    if (response.destroyed) return;
    let text = '';
    while (text.length < PORTION_CHARS && !pastIsOver) {
      const next = past.next();
      if (next.done === true) pastIsOver = true;
      else text += `${JSON.stringify(next.value)}\n`;
    }
    const hasRoom = text === '' || response.write(text);
    if (!pastIsOver) {
      if (hasRoom) setImmediate(writePast);
      else response.once('drain', writePast);
    } else if (follow === undefined) {
      response.end();
    } else {
      flush();
    }
  }

  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  if (follow !== undefined) {
    response.flushHeaders();
    // Before the past is written: what comes meanwhile comes after it.
    response.on('close', follow(add));
  }
  writePast();
}
