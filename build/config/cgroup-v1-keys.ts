/**
 * Keys of OCI's `linux.resources` that only cgroup v1 has. To call them unknown would mislead whoever
 * brings a LinuxKit file; to take them and do nothing would mislead more. Pure data.
 */
import type { ConfigPath } from './places.ts';

const REALTIME = 'cgroup v2 has no realtime budget of a cgroup';
const KERNEL = 'cgroup v2 counts kernel memory as part of "limit"';
const LEAF = 'cgroup v2 has no processes beside child cgroups that it could weigh';

const KEYS: Readonly<Record<string, string>> = {
  'memory.kernel': KERNEL,
  'memory.kernelTCP': KERNEL,
  'memory.swappiness': "cgroup v2 has no swappiness of a cgroup; vm.swappiness is the machine's",
  'memory.disableOOMKiller':
    'cgroup v2 cannot switch the OOM killer off; "reservation" keeps memory for a container',
  'memory.useHierarchy': 'in cgroup v2 a limit always holds for all that is below',
  'cpu.realtimeRuntime': REALTIME,
  'cpu.realtimePeriod': REALTIME,
  'blockIO.leafWeight': LEAF,
  'blockIO.weightDevice.leafWeight': LEAF,
  network: 'cgroup v2 neither tags nor ranks packets',
};

/** Why `key` of the map at `path` cannot be had; `undefined` when it is no such key. */
export function cgroupV1Reason(path: ConfigPath, key: string): string | undefined {
  const start = path.indexOf('resources');
  if (start === -1) return undefined;
  const names = [...path.slice(start + 1), key].filter((step) => typeof step === 'string');
  return KEYS[names.join('.').replace(/^blockio\./, 'blockIO.')];
}
