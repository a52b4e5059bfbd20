/**
 * Whether this process is the init of a machine. The first process of a container has pid 1 as well, and must do
 * none of what an init does: not in a container of ours, whose program may be this binary, and not in that of a
 * workstation.
 */

/** PROC_PID_INIT_INO of include/linux/proc_ns.h: the kernel's own pid namespace, on every machine. */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]';

/**
 * @param readNamespace the link /proc/self/ns/pid; throws where there is no /proc, as on a machine that has just
 * begun. A container has one before its program starts.
 */
export function isMachineInit(pid: number, readNamespace: () => string): boolean {
  if (pid !== 1) return false;
  try {
    return readNamespace() === INITIAL_PID_NAMESPACE;
  } catch {
    return true;
  }
}
