/** What the machine has used during the last hour, in a ring of fixed size. Pure. */

export const SAMPLE_MS = 10_000;
export const SLOTS = 360;

/** Shares from 0 to 1; `undefined` for times nobody has seen. */
export interface UsageSeries {
  readonly cpu: readonly (number | undefined)[];
  readonly memory: readonly (number | undefined)[];
}

export class UsageHistory {
  private readonly cpu = new Float32Array(SLOTS).fill(Number.NaN);
  private readonly memory = new Float32Array(SLOTS).fill(Number.NaN);
  /** Number of the newest slot, counted since the kernel started. */
  private newest = -1;

  /** The last sample of a slot is the one that counts; what comes late, for an older one, does not. */
  add(atMs: number, cpu: number, memory: number): void {
    const slot = Math.floor(atMs / SAMPLE_MS);
    if (slot < this.newest) return;
    this.skipTo(slot);
    this.cpu[slot % SLOTS] = cpu;
    this.memory[slot % SLOTS] = memory;
  }

  /** Oldest first; the last is the newest. */
  series(): UsageSeries {
    return { cpu: this.ordered(this.cpu), memory: this.ordered(this.memory) };
  }

  private skipTo(slot: number): void {
    const first = Math.max(this.newest + 1, slot - SLOTS + 1);
    for (let each = first; each <= slot; each += 1) {
      this.cpu[each % SLOTS] = Number.NaN;
      this.memory[each % SLOTS] = Number.NaN;
    }
    this.newest = slot;
  }

  private ordered(ring: Float32Array): (number | undefined)[] {
    return Array.from({ length: SLOTS }, (_, index) => {
      const slot = this.newest - SLOTS + 1 + index;
      const value = slot < 0 ? Number.NaN : (ring[slot % SLOTS] ?? Number.NaN);
      return Number.isNaN(value) ? undefined : value;
    });
  }
}
