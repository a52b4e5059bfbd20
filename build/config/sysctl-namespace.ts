/**
 * Which namespace of its own a container needs to have a sysctl of its own: namespaces(7), and the lists that
 * runc and crun check before they start a container. Pure data.
 */
const IPC: ReadonlySet<string> = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shm_rmid_forced',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
]);

/** The key of a container for that namespace; `undefined` for a sysctl that only the machine has. */
export function sysctlNamespace(name: string): 'net' | 'ipc' | 'uts' | undefined {
  const dotted = name.replaceAll('/', '.');
  if (dotted.startsWith('net.')) return 'net';
  if (IPC.has(dotted) || dotted.startsWith('fs.mqueue.')) return 'ipc';
  return dotted === 'kernel.domainname' ? 'uts' : undefined;
}
