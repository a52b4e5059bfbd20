/**
 * The mounts inside a container: the ones every container has, the image's own on top, in an order in
 * which each finds its parent. Pure. What the runtime then does with them is its business.
 */
import type { ContainerSpec } from './container-spec.ts';
import type { MountSpec } from './runtime-spec.ts';

/**
 * A mount of the container at the destination of a default one replaces it: `binds: /sys:/sys` is how
 * a container gets a writable /sys. Of two binds at one destination the last one holds.
 */
export function planMounts(container: ContainerSpec): MountSpec[] {
  const mounts = new Map<string, MountSpec>();
  const add = (mount: MountSpec): void => {
    mounts.set(mount.destination, mount);
  };
  defaultMounts(container.readonly).forEach(add);
  for (const { destination, options } of container.tmpfs) {
    add({ destination: trimSlash(destination), type: 'tmpfs', source: 'tmpfs', options });
  }
  for (const { source, destination, options } of container.binds) {
    add({ destination: trimSlash(destination), type: 'bind', source, options });
  }
  // A parent's path is a prefix of its children's, so plain string order puts it before them.
  return [...mounts.values()].sort((a, b) => (a.destination < b.destination ? -1 : 1));
}

/**
 * As LinuxKit, except: /dev/shm and /dev/mqueue exist (glibc's shm_open and mq_open need them), and
 * /sys is always read-only, not only with `readonly`: a process with uid 0 and no capability at all may
 * write most of sysfs, /sys/power/state included.
 */
function defaultMounts(readonly: boolean): MountSpec[] {
  const devReadonly = readonly ? ['ro'] : [];
  return [
    kernelMount('/proc', 'proc', 'nosuid', 'nodev', 'noexec', 'relatime'),
    kernelMount(
      '/dev',
      'tmpfs',
      'nosuid',
      'strictatime',
      'mode=755',
      'size=65536k',
      ...devReadonly,
    ),
    kernelMount(
      '/dev/pts',
      'devpts',
      'nosuid',
      'noexec',
      'newinstance',
      'ptmxmode=0666',
      'mode=0620',
    ),
    kernelMount('/dev/shm', 'tmpfs', 'nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'),
    kernelMount('/dev/mqueue', 'mqueue', 'nosuid', 'noexec', 'nodev'),
    kernelMount('/sys', 'sysfs', 'nosuid', 'noexec', 'nodev', 'ro'),
    kernelMount('/sys/fs/cgroup', 'cgroup', 'nosuid', 'noexec', 'nodev', 'relatime', 'ro'),
  ];
}

function kernelMount(destination: string, type: string, ...options: string[]): MountSpec {
  return { destination, type, source: type, options };
}

function trimSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}
