/**
 * The containers that an emergency has found running: who they are, whether they still run, how they have
 * ended. Read from the bundles and the manifest, not from the state of the supervisor, which may be what
 * kills PID 1.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLES_DIR } from '../../runc-shim/bundle.ts';
import { namesIfThere } from '../../sys/if-there.ts';
import { describeExit, type Exit, signalName } from '../../sys/exit.ts';
import type { UnitStatus } from '../../supervisor/control/api.ts';
import type { LogRules } from '../../supervisor/log/log-rules.ts';
import { type Manifest, onbootTasks, onshutdownId } from '../../supervisor/manifest.ts';

export interface FoundContainer {
  readonly id: string;
  readonly pid: number;
  readonly name: string;
  readonly kind: 'onboot' | 'service' | 'onshutdown';
  readonly image: string;
  readonly stopSignal: number;
  readonly log?: LogRules | undefined;
}

/** A container may say in the manifest that its cgroup is elsewhere; that is not read here, so its process is asked. */
export function cgroupOf({ id, kind, pid }: Pick<UnitStatus, 'id' | 'kind' | 'pid'>): string {
  const usual = kind === 'service' ? `/services/${id}` : `/${kind}/${id}`;
  if (pid === undefined || existsSync(`/sys/fs/cgroup${usual}`)) return usual;
  try {
    return /^0::(\/.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? usual;
  } catch {
    // It has ended meanwhile.
    return usual;
  }
}

/** @param isAlive whether there is such a process, ended and uncollected ones included */
export function findContainers(
  manifest: Manifest,
  isAlive: (pid: number) => boolean,
  bundlesDir: string = BUNDLES_DIR,
): FoundContainer[] {
  const tasks = onbootTasks(manifest).map(([id, { name, image, policy, log }]) => {
    const { stopSignal } = policy;
    return { id, name, image, stopSignal, log, kind: 'onboot' } as const;
  });
  const services = manifest.services.map(({ name, image, log, policy: { stopSignal } }) => {
    return { id: name, name, image, stopSignal, log, kind: 'service' } as const;
  });
  const last = manifest.onshutdown.map((task, index) => {
    const { name, image, policy, log } = task;
    const { stopSignal } = policy;
    const id = onshutdownId(index, name);
    return { id, name, image, stopSignal, log, kind: 'onshutdown' } as const;
  });
  const known = [...tasks, ...services, ...last];
  return (namesIfThere(bundlesDir) ?? []).flatMap((id) => {
    const pid = pidOf(join(bundlesDir, id, 'pid'));
    const container = known.find((each) => each.id === id);
    if (pid === undefined || container === undefined || !isAlive(pid)) return [];
    return [{ ...container, pid }];
  });
}

/** A container as the control API has it. @param end how and when it has ended, if it has */
export function containerStatus(
  { id, name, kind, image, pid }: FoundContainer,
  sinceMs: number,
  end: { readonly exit: Exit; readonly atMs: number } | undefined,
): UnitStatus {
  const common = { id, name, kind, image, restarts: 0 };
  if (end === undefined) {
    const reason = 'runs as it did when the emergency began';
    return { ...common, state: 'running', pid, sinceMs, reason };
  }
  const { exit, atMs } = end;
  const text = describeExit(exit);
  const reason = `${text}; not started again before PID 1 is resumed`;
  const how =
    exit.kind === 'exited'
      ? { kind: exit.kind, code: exit.code }
      : { kind: exit.kind, signal: signalName(exit.signal) };
  return { ...common, state: 'failed', sinceMs: atMs, reason, lastExit: { atMs, text, ...how } };
}

function pidOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    // Not created yet, or half removed: there is no container to speak of.
    return undefined;
  }
}
