/**
 * The cgroup tree: `/init` for PID 1 and the runtime it calls, `/system` for our own processes that
 * face people, `/onboot` and `/services` for containers, with the controllers passed down
 * (cgroup-v2.rst).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const WANTED = ['cpu', 'cpuset', 'io', 'memory', 'pids'];

/** PID 1's heap and the pages it runs from stay, whatever the services need (memory.low). */
const INIT_MEMORY_LOW = 64 * 1024 * 1024;

export function enableControllers(root: string): undefined {
  const top = `${root}/sys/fs/cgroup`;
  const available = readFileSync(`${top}/cgroup.controllers`, 'utf8').trim().split(' ');
  const controllers = WANTED.filter((name) => available.includes(name));
  const enable = controllers.map((name) => `+${name}`).join(' ');
  writeFileSync(`${top}/cgroup.subtree_control`, enable);
  for (const slice of ['onboot', 'services']) {
    mkdirSync(`${top}/${slice}`, { recursive: true });
    writeFileSync(`${top}/${slice}/cgroup.subtree_control`, enable);
  }
  for (const leaf of ['init', 'system']) mkdirSync(`${top}/${leaf}`, { recursive: true });
  writeFileSync(`${top}/init/cgroup.procs`, '1');
  if (controllers.includes('memory')) {
    writeFileSync(`${top}/init/memory.low`, String(INIT_MEMORY_LOW));
  }
  if (controllers.includes('cpu')) setSystemWeight(root, 'boot');
}

/**
 * The share of our own processes when processors are scarce (cpu.weight; services together have 100).
 * While services start, a console that comes up a moment later is the better deal.
 */
export function setSystemWeight(root: string, during: 'boot' | 'life'): undefined {
  writeFileSync(`${root}/sys/fs/cgroup/system/cpu.weight`, during === 'boot' ? '1' : '100');
}
