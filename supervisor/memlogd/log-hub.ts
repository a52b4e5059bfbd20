/**
 * The newest lines of all logs, and who wants to be told of more. Bounded: the oldest give way, and a reader that does
 * not read misses lines, as memlogd's do.
 */
import { type Entry, MAX_ENTRIES } from './entry.ts';

export interface HubReader {
  /** Whether there was room for it. */
  write(line: string): boolean;
}

export class LogHub {
  private readonly entries: Entry[] = [];
  private readonly readers = new Set<HubReader>();

  add(entry: Entry): void {
    this.entries.push(entry);
    // In one go now and then: the front of an array is costly to take from.
    if (this.entries.length > 2 * MAX_ENTRIES) this.entries.splice(0, MAX_ENTRIES);
    const line = render(entry);
    for (const reader of this.readers) reader.write(line);
  }

  dump(reader: HubReader): void {
    for (const entry of this.entries.slice(-MAX_ENTRIES)) reader.write(render(entry));
  }

  /** Returns what ends it. */
  follow(reader: HubReader): () => void {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  }
}

function render(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`;
}
