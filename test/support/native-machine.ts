/**
 * What programs need that run containers as PID 1 of namespaces of their own (test/support/namespaces.ts):
 * the mounts of the machine before, nothing of them after. Nothing is visible outside but cgroups.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { CAPABILITIES } from '../../runc-shim/oci/capabilities.ts';
import type { ContainerRuntime } from '../../runc-shim/runtime.ts';
import { MNT_DETACH, MS_REC, MS_SHARED } from '../../sys/mount-flags.ts';
import type { Sys } from '../../sys/sys.ts';

export function prepareMachine(sys: Sys): void {
  sys.mount('', '/', '', MS_REC | MS_SHARED, '');
  sys.mount('tmpfs', '/run', 'tmpfs', 0, 'mode=755');
  sys.umount('/sys/fs/cgroup', MNT_DETACH);
  sys.mount('cgroup2', '/sys/fs/cgroup', 'cgroup2', 0, '');
}

/** Mount points of bundles, and entries of the directories that containers have in /run. */
export function leftovers(): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').match(/\/run\/ishmael\S*/g) ?? [];
  const names = ['bundles', 'runtime', 'runtime-log', 'exec', 'notify', 'ready', 'terminal'];
  const directories = names.map((name) => `/run/ishmael/${name}`);
  return [...mounts, ...directories.flatMap((path) => (existsSync(path) ? readdirSync(path) : []))];
}

/**
 * crun raises RLIMIT_MEMLOCK to load the device filter. A root without CAP_SYS_RESOURCE, as in many
 * sandboxes, cannot; all the rest can still be tested there. The VM tests cover the filter.
 */
export function allowedHere(runtime: ContainerRuntime): ContainerRuntime {
  if (runtime.name !== 'crun' || hasSysResource()) return runtime;
  return {
    ...runtime,
    create(...args) {
      dropDeviceRules(`${args[1]}/config.json`);
      return runtime.create(...args);
    },
  };
}

function dropDeviceRules(configFile: string): void {
  const text = readFileSync(configFile, 'utf8');
  writeFileSync(configFile, text.replace(/"devices":\[[^\]]*\]/, '"devices":[]'));
}

function hasSysResource(): boolean {
  const mask = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const bit = BigInt(CAPABILITIES.indexOf('CAP_SYS_RESOURCE'));
  return ((BigInt(`0x${mask}`) >> bit) & 1n) === 1n;
}

/** crun leaves the cgroup behind when `create` fails. */
export function removeCgroup(path: string): void {
  const children = readdirSync(path, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  for (const { name } of children) removeCgroup(`${path}/${name}`);
  rmdirSync(path);
}
