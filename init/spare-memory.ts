/**
 * Memory that PID 1 does not need any more goes back to the kernel, for the years of a machine and not for
 * the next burst. V8 collects when its heap wants to grow, which an idle PID 1's does once in hours, and glibc
 * keeps what is free in the middle of its arenas, above all what V8 has compiled with: after a thousand ends of
 * services that were 6 of 20 MB RssAnon.
 */
import type { Sys } from '../sys/sys.ts';
import type { V8Heap } from '../sys/v8-heap.ts';

const AFTER_BOOT_MS = 10_000;
const EVERY_MS = 60_000;
/** A collection takes 20 ms, and ten times that on an emulated processor: only where it is worth it. */
const WORTH_BYTES = 4 * 1024 * 1024;
/** Above the 8 s that V8 keeps pages it has freed (--memory-pool-timeout). */
const POOL_MS = 10_000;

export function spareMemory(sys: Pick<Sys, 'trimHeap'>, heap: V8Heap): void {
  let leastBytes = 0;

  function look(): void {
    const usedBytes = heap.usedBytes();
    leastBytes = Math.min(leastBytes, usedBytes);
    if (usedBytes - leastBytes >= WORTH_BYTES) {
      heap.collect();
      leastBytes = heap.usedBytes();
    }
    setTimeout(() => sys.trimHeap(), POOL_MS);
  }

  // What only the boot needed is the first that is worth it.
  setTimeout(look, AFTER_BOOT_MS);
  setInterval(look, EVERY_MS);
}
