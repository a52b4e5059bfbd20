/**
 * The cgroup tree: `/init` for PID 1 and the runtime it calls, `/system` for our own processes that
 * face people, `/exec` for those that run commands in containers, `/onboot`, `/services` and `/onshutdown` for containers, with the controllers passed
 * down (cgroup-v2.rst).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const WANTED = ['cpu', 'cpuset', 'hugetlb', 'io', 'memory', 'pids', 'rdma'];

/** Of containers. */
const SLICES = ['onboot', 'services', 'onshutdown'];

/** The part of the machine's processes and threads that containers may have. */
const CONTAINERS_PIDS = 0.9;

const MIB = 1024 * 1024;

/** PID 1's heap and the pages it runs from stay, whatever the services need (memory.low). */
const INIT_MEMORY_LOW = 64 * MIB;

/** The consoles' and the bridge's own memory; most of what they run from is PID 1's too. */
const SYSTEM_MEMORY_LOW = 32 * MIB;

export function enableControllers(root: string): undefined {
  const top = `${root}/sys/fs/cgroup`;
  const available = readFileSync(`${top}/cgroup.controllers`, 'utf8').trim().split(' ');
  const controllers = WANTED.filter((name) => available.includes(name));
  const enable = controllers.map((name) => `+${name}`).join(' ');
  writeFileSync(`${top}/cgroup.subtree_control`, enable);
  for (const slice of SLICES) {
    mkdirSync(`${top}/${slice}`, { recursive: true });
    writeFileSync(`${top}/${slice}/cgroup.subtree_control`, enable);
  }
  for (const leaf of ['init', 'system', 'exec']) mkdirSync(`${top}/${leaf}`, { recursive: true });
  writeFileSync(`${top}/init/cgroup.procs`, '1');
  if (controllers.includes('memory')) protectMemory(top);
  if (controllers.includes('pids')) keepPids(root, top);
  if (controllers.includes('cpu')) setSystemWeight(root, 'boot');
}

function protectMemory(top: string): void {
  writeFileSync(`${top}/init/memory.low`, String(INIT_MEMORY_LOW));
  writeFileSync(`${top}/system/memory.low`, String(SYSTEM_MEMORY_LOW));
  // A slice keeps nothing itself, but what a container may keep is bounded by what its slice may.
  for (const slice of SLICES) {
    for (const file of ['low', 'min']) writeFileSync(`${top}/${slice}/memory.${file}`, 'max');
  }
}

/**
 * A container without a limit of its own must not take the last process of the machine: then PID 1 could
 * start neither a runtime nor a console.
 */
function keepPids(root: string, top: string): void {
  const [threads = 0, pids = 0] = ['threads-max', 'pid_max'].map((name) =>
    Number(readFileSync(`${root}/proc/sys/kernel/${name}`, 'utf8')),
  );
  const most = Math.floor(Math.min(threads, pids) * CONTAINERS_PIDS);
  for (const slice of SLICES) writeFileSync(`${top}/${slice}/pids.max`, String(most));
}

/**
 * The share of our own processes when processors are scarce (cpu.weight; services together have 100).
 * While services start, a console that comes up a moment later is the better deal.
 */
export function setSystemWeight(root: string, during: 'boot' | 'life'): undefined {
  writeFileSync(`${root}/sys/fs/cgroup/system/cpu.weight`, during === 'boot' ? '1' : '100');
}
