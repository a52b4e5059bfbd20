/**
 * Where the logs of the units are, and what a container is given of them beside its outputs.
 */
import { closeSync, openSync } from 'node:fs';
import type { ContainerSpec } from '../runc-shim/oci/container-spec.ts';
import { errnoCode } from '../sys/errno.ts';
import { writeBeforeReExec } from '../sys/linux/crash-guard.ts';
import type { Sys } from '../sys/sys.ts';
import { LOG_DIR } from '../supervisor/log/log-file.ts';
import { DEFAULT_LOG_RULES, type LogRules } from '../supervisor/log/log-rules.ts';
import { UnitLog } from '../supervisor/log/unit-log.ts';
import { monotonicMs } from './boot-record.ts';

const FIFO_DIR = '/run/ishmael/log';
const DEV_LOG_DIR = '/run/ishmael/dev-log';

function devLogPath(id: string): string {
  return `${DEV_LOG_DIR}/${id}`;
}

/** @param cgroup of the programs that write it, below the cgroup2 mount, such as `/services/redis` */
export function openUnitLog(
  sys: Sys,
  id: string,
  cgroup: string,
  rules: LogRules = DEFAULT_LOG_RULES,
): UnitLog {
  return UnitLog.open({
    sys,
    fifoDir: `${FIFO_DIR}/${id}`,
    fileDir: `${LOG_DIR}/${id}`,
    ...(rules.devLog ? { devLogPath: devLogPath(id) } : {}),
    nowMs: monotonicMs,
    whileStanding: () => endBeforeReExec(cgroup),
    rate: rules.rate,
    rotation: rules.rotation,
  });
}

/**
 * A thread of PID 1 stands in the kernel for this cgroup's programs. PID 1 could not be executed again as long as
 * they like, so they are killed first, and started again by the next generation.
 */
function endBeforeReExec(cgroup: string): () => void {
  let fd: number;
  try {
    fd = openSync(`/sys/fs/cgroup${cgroup}/cgroup.kill`, 'w');
  } catch (error) {
    // With the cgroup its programs have gone, and the read returns.
    if (errnoCode(error) === 'ENOENT') return () => undefined;
    throw error;
  }
  const forget = writeBeforeReExec(fd);
  return () => {
    forget();
    closeSync(fd);
  };
}

/** The container with the unit's socket at /dev/log, if its rules say so. */
export function withDevLog<T extends ContainerSpec>(
  id: string,
  container: T,
  rules: LogRules = DEFAULT_LOG_RULES,
): T {
  if (!rules.devLog) return container;
  const bind = { source: devLogPath(id), destination: '/dev/log', options: ['rw', 'bind'] };
  return { ...container, binds: [...container.binds, bind] };
}
