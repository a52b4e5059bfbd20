/** /proc/meminfo (proc(5)) taken apart. Pure. */
import type { MemoryInfo } from '../control/api-machine.ts';
import { kibibytes, parseStatus } from './proc-status.ts';

export function parseMeminfo(text: string): MemoryInfo {
  const fields = parseStatus(text);
  const at = (name: string): number => kibibytes(fields, name);
  return {
    totalKiB: at('MemTotal'),
    freeKiB: at('MemFree'),
    availableKiB: at('MemAvailable'),
    buffersKiB: at('Buffers'),
    cachedKiB: at('Cached'),
    shmemKiB: at('Shmem'),
    anonymousKiB: at('AnonPages'),
    slabKiB: at('Slab'),
    slabReclaimableKiB: at('SReclaimable'),
    kernelStackKiB: at('KernelStack'),
    pageTablesKiB: at('PageTables'),
    dirtyKiB: at('Dirty'),
    writebackKiB: at('Writeback'),
    swapTotalKiB: at('SwapTotal'),
    swapFreeKiB: at('SwapFree'),
    committedKiB: at('Committed_AS'),
  };
}
