/**
 * The mounts inside a container: the ones every container has, the image's own on top, in an order in
 * which each finds its parent. Pure. What the runtime then does with them is its business.
 */
import type { ContainerMount, ContainerSpec } from './container-spec.ts';

/**
 * A mount of the container at the destination of a default one replaces it: `binds: /sys:/sys` is how
 * a container gets a writable /sys. Of two binds at one destination the last one holds.
 */
export function planMounts(container: ContainerSpec): ContainerMount[] {
  const planned = new Map<string, ContainerMount>();
  const add = (mount: ContainerMount): void => {
    planned.set(mount.destination, mount);
  };
  defaultMounts(container).forEach(add);
  const queues = planned.get('/dev/mqueue');
  for (const { destination, options } of container.tmpfs) {
    add({ destination: trimSlash(destination), type: 'tmpfs', source: 'tmpfs', options });
  }
  for (const { source, destination, options } of container.binds) {
    add({ destination: trimSlash(destination), type: 'bind', source, options });
  }
  for (const { destination, type, source, options } of container.mounts ?? []) {
    add({ destination: trimSlash(destination), type, source, options });
  }
  // The machine's message queues come along with its /dev, and the kernel refuses to mount the same ones over themselves.
  if (planned.get('/dev')?.options.includes('rbind') && planned.get('/dev/mqueue') === queues) {
    planned.delete('/dev/mqueue');
  }
  // A parent's path is a prefix of its children's, so plain string order puts it before them.
  return [...planned.values()].sort((a, b) => (a.destination < b.destination ? -1 : 1));
}

function defaultMounts(container: ContainerSpec): ContainerMount[] {
  const isLinuxkit = container.defaults === 'linuxkit';
  const devReadonly = container.readonly ? ['ro'] : [];
  return [
    kernelMount(
      '/proc',
      'proc',
      'nosuid',
      'nodev',
      'noexec',
      'relatime',
      ...(container.hidesProcesses === true ? HIDDEN_PROCESSES : []),
    ),
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
    ...(isLinuxkit
      ? linuxkitSys(container.readonly)
      : [...sharedMemory(container), ...hardenedSys(container)]),
    kernelMount('/sys/fs/cgroup', 'cgroup', 'nosuid', 'noexec', 'nodev', 'relatime', 'ro'),
  ];
}

/** With the group root left out, so that who looks into the container by `ishmael exec` sees all of it. */
const HIDDEN_PROCESSES = ['hidepid=2', 'gid=0'];

function linuxkitSys(readonly: boolean): ContainerMount[] {
  const options = ['nosuid', 'noexec', 'nodev', ...(readonly ? ['ro'] : [])];
  return [kernelMount('/sys', 'sysfs', ...options)];
}

/**
 * glibc's shm_open and mq_open need them; LinuxKit leaves them out. The kernel mounts message queues only
 * for who owns the ipc namespace, and with a user namespace of its own a container does not own the
 * machine's.
 */
function sharedMemory({ namespaces }: ContainerSpec): ContainerMount[] {
  const shm = kernelMount(
    '/dev/shm',
    'tmpfs',
    'nosuid',
    'noexec',
    'nodev',
    'mode=1777',
    'size=65536k',
  );
  if (hasOwnUsers(namespaces) && namespaces.ipc === 'host') return [shm];
  return [shm, kernelMount('/dev/mqueue', 'mqueue', 'nosuid', 'noexec', 'nodev')];
}

/**
 * Always read-only, where LinuxKit has it so only with `readonly`: a process with uid 0 and no capability
 * at all may write most of sysfs, /sys/power/state included. A new instance can be mounted only by who owns
 * the network namespace; otherwise the machine's is bound. Privately: what the container mounts in it,
 * its cgroups to begin with, would be mounted on the machine as well.
 */
function hardenedSys({ namespaces }: ContainerSpec): ContainerMount[] {
  if (hasOwnUsers(namespaces) && namespaces.net === 'host') {
    const options = ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev', 'ro'];
    return [{ destination: '/sys', type: 'bind', source: '/sys', options }];
  }
  return [kernelMount('/sys', 'sysfs', 'nosuid', 'noexec', 'nodev', 'ro')];
}

function hasOwnUsers({ user = 'host' }: ContainerSpec['namespaces']): boolean {
  return user !== 'host';
}

function kernelMount(destination: string, type: string, ...options: string[]): ContainerMount {
  return { destination, type, source: type, options };
}

function trimSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '');
}
