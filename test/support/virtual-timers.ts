/**
 * Time that passes as fast as its work is done: timers wait in a queue, and `nowMs` jumps from one to the
 * next. For simulating days of a machine in seconds.
 */
export class VirtualTimers {
  nowMs = 0;
  /** The next one last. */
  private readonly queue: { readonly atMs: number; readonly fire: () => void }[] = [];

  set(ms: number, fire: () => void): void {
    const timer = { atMs: this.nowMs + ms, fire };
    // Binary search: among timers of the same instant the first set is the first to fire.
    let low = 0;
    let high = this.queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.queue[middle]?.atMs ?? 0) <= timer.atMs) high = middle;
      else low = middle + 1;
    }
    this.queue.splice(low, 0, timer);
  }

  /** Fires all timers of the next instant; false when there is none left. */
  advance(): boolean {
    const next = this.queue.at(-1);
    if (next === undefined) return false;
    this.nowMs = next.atMs;
    while (this.queue.at(-1)?.atMs === next.atMs) this.queue.pop()?.fire();
    return true;
  }
}
