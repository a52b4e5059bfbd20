/**
 * How many processes of a cgroup the OOM killer has ended, from memory.events (cgroup-v2.rst). `oom_kill`
 * and not `oom`, which also counts allocations that merely failed. Pure.
 */
export function oomKills(memoryEvents: string): number {
  const line = memoryEvents.split('\n').find((candidate) => candidate.startsWith('oom_kill '));
  return line === undefined ? 0 : Number(line.slice('oom_kill '.length));
}
