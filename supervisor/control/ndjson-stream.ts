/**
 * The part of an answer that has one object a line which was there already: it goes out as fast as it is
 * read, in portions between which other things have their turn. What comes is followers.ts's.
 */
import type { ServerResponse } from 'node:http';

/** Between two portions other things have their turn, and the client time to read. */
const PORTION_CHARS = 65_536;

/** Writes one line for each item, and then calls `whenDone`; never, when the client leaves before. */
export function writeNdjson(
  response: ServerResponse,
  items: Iterable<unknown>,
  whenDone: () => void,
): void {
  const iterator = items[Symbol.iterator]();

  function writePortion(): void {
    if (response.destroyed) return;
    let text = '';
    let isOver = false;
    while (text.length < PORTION_CHARS && !isOver) {
      const next = iterator.next();
      if (next.done === true) isOver = true;
      else text += `${JSON.stringify(next.value)}\n`;
    }
    const hasRoom = text === '' || response.write(text);
    if (isOver) whenDone();
    else if (hasRoom) setImmediate(writePortion);
    else response.once('drain', writePortion);
  }

  writePortion();
}
