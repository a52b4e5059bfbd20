/**
 * Names that `resources.unified` may have: files of a cgroup v2 that can be written and mean a limit
 * (cgroup-v2.rst, Linux 6.12), of the controllers that the guest passes down. Pure.
 */
import { suggest } from './suggest.ts';

const FILES: readonly string[] = (
  'cgroup.max.depth cgroup.max.descendants cgroup.pressure ' +
  'cpu.idle cpu.max cpu.max.burst cpu.uclamp.max cpu.uclamp.min cpu.weight cpu.weight.nice ' +
  'cpuset.cpus cpuset.cpus.exclusive cpuset.cpus.partition cpuset.mems ' +
  'io.bfq.weight io.latency io.max io.prio.class io.weight ' +
  'memory.high memory.low memory.max memory.min memory.oom.group memory.swap.high ' +
  'memory.swap.max memory.zswap.max memory.zswap.writeback pids.max rdma.max'
).split(' ');

const HUGETLB = /^hugetlb\.[1-9]\d*[KMG]B\.(rsvd\.)?max$/;

/** What is wrong with a name; `undefined` when nothing is. */
export function checkCgroupFile(
  name: string,
): { readonly message: string; readonly suggestion: string | undefined } | undefined {
  if (FILES.includes(name) || HUGETLB.test(name)) return undefined;
  const message = 'names no file of a cgroup that sets a limit, such as memory.high';
  return { message, suggestion: suggest(name, FILES) };
}
