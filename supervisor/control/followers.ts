/**
 * Answers that do not end: what comes is written to everybody who follows. A thousand followers of a busy
 * log are a million writes a second, so it is done in turns: what comes meanwhile is collected for each, and
 * a turn takes a few milliseconds at most. Who does not read is dropped, and so is the one furthest behind
 * when all together have taken too much memory.
 */
import type { ServerResponse } from 'node:http';

const TURN_MS = 4;
/** Well above one log ring, which a new follower gets at once. */
const MAX_UNSENT_BYTES = 1_048_576;
const MAX_UNSENT_BYTES_OF_ALL = 16 * 1_048_576;
/** So much is written at once, without waiting for the turn. */
const CHUNK_CHARS = 65_536;
interface Follower {
  readonly response: ServerResponse;
  /** Not yet written. */
  pending: string[];
  pendingChars: number;
  /** Of both: what is pending, and what is written and not taken by the kernel; when last looked at. */
  unsent: number;
  queued: boolean;
  /** What was before is still being written, and comes first. */
  held: boolean;
}

export class Followers {
  private readonly all = new Set<Follower>();
  private queue: Follower[] = [];
  private scheduled = false;
  private unsent = 0;
  private lastItem: unknown;
  private lastLine = '';

  /**
   * Writes whatever `follow` calls its listener with from now on, until the client is gone; but not before
   * the function that this returns has been called.
   */
  add(
    response: ServerResponse,
    follow: (listener: (item: unknown) => void) => () => void,
  ): () => void {
    const follower: Follower = {
      response,
      pending: [],
      pendingChars: 0,
      unsent: 0,
      queued: false,
      held: true,
    };
    this.all.add(follower);
    response.on('drain', () => this.look(follower));
    const unfollow = follow((item) => this.push(follower, item));
    response.on('close', () => {
      unfollow();
      this.forget(follower);
    });
    return () => {
      follower.held = false;
      this.enqueue(follower);
    };
  }

  private push(follower: Follower, item: unknown): void {
    if (follower.response.destroyed) return;
    const line = this.lineOf(item);
    follower.pending.push(line);
    follower.pendingChars += line.length;
    this.look(follower);
    if (follower.pendingChars > CHUNK_CHARS && !follower.held) this.write(follower);
    else this.enqueue(follower);
  }

  private enqueue(follower: Follower): void {
    if (follower.queued || follower.held) return;
    follower.queued = true;
    this.queue.push(follower);
    this.schedule();
  }

  /** The same item goes to all who follow the same, one after another. */
  private lineOf(item: unknown): string {
    if (item !== this.lastItem) {
      this.lastItem = item;
      this.lastLine = `${JSON.stringify(item)}\n`;
    }
    return this.lastLine;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    this.scheduled = false;
    const { queue } = this;
    const endMs = performance.now() + TURN_MS;
    let done = 0;
    for (const follower of queue) {
      if (performance.now() > endMs) break;
      done += 1;
      follower.queued = false;
      this.write(follower);
    }
    this.queue = queue.slice(done);
    if (this.queue.length > 0) this.schedule();
  }

  private write(follower: Follower): void {
    const { response, pending } = follower;
    if (pending.length === 0 || response.destroyed) return;
    follower.pending = [];
    follower.pendingChars = 0;
    response.write(pending.join(''));
    this.look(follower);
  }

  private look(follower: Follower): void {
    if (!this.all.has(follower)) return;
    const unsent = follower.pendingChars + follower.response.writableLength;
    this.unsent += unsent - follower.unsent;
    follower.unsent = unsent;
    if (unsent > MAX_UNSENT_BYTES) this.drop(follower);
    else if (this.unsent > MAX_UNSENT_BYTES_OF_ALL) this.dropFurthestBehind();
  }

  private dropFurthestBehind(): void {
    let furthest: Follower | undefined;
    for (const follower of this.all) {
      if (follower.unsent > (furthest?.unsent ?? 0)) furthest = follower;
    }
    if (furthest !== undefined) this.drop(furthest);
  }

  /** The end of its connection is told later; until then nobody else is to be dropped in its place. */
  private drop(follower: Follower): void {
    this.forget(follower);
    follower.response.destroy();
  }

  private forget(follower: Follower): void {
    this.all.delete(follower);
    this.unsent -= follower.unsent;
    follower.unsent = 0;
    follower.pending = [];
    follower.pendingChars = 0;
  }
}
