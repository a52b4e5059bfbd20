/**
 * What happened on this machine, newest last, bounded: the one record that console, control API and
 * boot summary read. Entries are numbered without gaps, so a reader knows what it missed.
 */
import type { HistoryEntry } from './control/api.ts';
import type { Change } from './service/effect.ts';

const CAPACITY = 2048;

export class History {
  private readonly entries: HistoryEntry[] = [];
  private nextSeq = 1;
  private readonly listeners = new Set<(entry: HistoryEntry) => void>();

  add(change: Change): void {
    const entry: HistoryEntry = { seq: this.nextSeq, ...change };
    this.nextSeq += 1;
    this.entries.push(entry);
    if (this.entries.length > CAPACITY) this.entries.shift();
    for (const listener of this.listeners) listener(entry);
  }

  /** The newest `count` entries, oldest first. */
  recent(count: number): HistoryEntry[] {
    return this.entries.slice(Math.max(0, this.entries.length - count));
  }

  /** Calls `listener` for every entry from now on, until the returned function is called. */
  follow(listener: (entry: HistoryEntry) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
