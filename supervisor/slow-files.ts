/**
 * Questions to the file system that may never be answered: a network file system whose server is gone, a
 * FUSE process that hangs. Node asks on one of a few threads, which all of PID 1 shares (log/stream-reader.ts has most of them), and a thread that
 * waits in the kernel can be called back by nobody. So only so many wait at once, and only one for each who
 * asks; the others are told so instead of taking another thread.
 */

/** Threads that may wait for a file system. */
export const SLOW_FILES_AT_ONCE = 2;

export class SlowFilesError extends Error {
  override readonly name = 'SlowFilesError';
  /** `busy`: an earlier question has no answer yet. */
  readonly code = 'busy';

  constructor() {
    super('the file system has not answered an earlier question yet');
  }
}

export class SlowFiles {
  private readonly atOnce: number;
  private readonly asking = new Set<unknown>();
  private readonly waiting: { readonly who: unknown; readonly begin: () => void }[] = [];

  constructor(atOnce: number = SLOW_FILES_AT_ONCE) {
    this.atOnce = atOnce;
  }

  /**
   * The answer of `question`, once it is its turn. Rejects with `SlowFilesError` when an earlier question
   * of `who` is still open.
   */
  async ask<T>(who: unknown, question: () => Promise<T>): Promise<T> {
    if (this.asking.has(who) || this.waiting.some((each) => each.who === who)) {
      throw new SlowFilesError();
    }
    if (this.asking.size < this.atOnce) this.asking.add(who);
    else await this.turnOf(who);
    try {
      return await question();
    } finally {
      this.asking.delete(who);
      this.waiting.shift()?.begin();
    }
  }

  private turnOf(who: unknown): Promise<void> {
    return new Promise((resolve) => {
      const begin = (): void => {
        this.asking.add(who);
        resolve();
      };
      this.waiting.push({ who, begin });
    });
  }
}

/** One pool of threads, one place where one waits for them. */
export const slowFiles: SlowFiles = new SlowFiles();
