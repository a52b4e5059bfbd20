/**
 * Where the logs of the units are, and what a container is given of them beside its outputs.
 */
import type { ContainerSpec } from '../runc-shim/oci/container-spec.ts';
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

export function openUnitLog(sys: Sys, id: string, rules: LogRules = DEFAULT_LOG_RULES): UnitLog {
  return UnitLog.open({
    sys,
    fifoDir: `${FIFO_DIR}/${id}`,
    fileDir: `${LOG_DIR}/${id}`,
    ...(rules.devLog ? { devLogPath: devLogPath(id) } : {}),
    nowMs: monotonicMs,
    rate: rules.rate,
    rotation: rules.rotation,
  });
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
