/**
 * What our own processes need, seen by a container in the machine: the control API tells it of PID 1
 * alone, and answering costs PID 1 some memory. An observer costs time and memory of its own, so it
 * gets a machine for itself, which is not timed. Pure: the service's text, and reading what it said.
 */
import { parse, stringify } from 'yaml';
import type { UnitStatus } from '../../supervisor/control/api.ts';

export const OBSERVER = 'observer';

/** What it writes after each look. */
const LOOKED = 'looked';

/** Before the bench asks anything: a request would be part of what is seen. */
const FIRST_LOOK_SECONDS = 6;
export const LOOK_SECONDS = 3;

const SCRIPT = [
  `sleep ${FIRST_LOOK_SECONDS}`,
  `while grep -H RssAnon /proc/[0-9]*/status; echo ${LOOKED}; do sleep ${LOOK_SECONDS}; done`,
].join('; ');

const SERVICE = {
  name: OBSERVER,
  image: 'ishmael/busybox',
  pid: 'host',
  command: ['/bin/sh', '-c', SCRIPT],
};

/** The same machine with the observer in it. */
export function withObserver(yaml: string): string {
  const config = parse(yaml) as { readonly services: readonly unknown[] };
  return stringify({ ...config, services: [...config.services, SERVICE] });
}

export interface OwnProcess {
  readonly unit: string;
  /** Before anything was asked of the machine; absent for the bridge, which is not there then. */
  readonly idleKiB?: number;
  /** While a host is connected. */
  readonly connectedKiB?: number;
}

/**
 * PID 1 and the units that are processes of our own; the observer's lines name processes by pid. Idle is
 * what its first look saw, connected what the last one did.
 */
export function ownProcesses(
  lines: readonly string[],
  units: readonly Pick<UnitStatus, 'id' | 'kind' | 'pid'>[],
): OwnProcess[] {
  const looks = completeLooks(lines);
  const system = units.filter(({ kind }) => kind === 'system');
  return [{ id: 'PID 1', pid: 1 }, ...system].flatMap(({ id, pid }) => {
    if (pid === undefined) return [];
    const idleKiB = looks.at(0)?.get(pid);
    const connectedKiB = looks.at(-1)?.get(pid);
    const idle = idleKiB === undefined ? {} : { idleKiB };
    return [{ unit: id, ...idle, ...(connectedKiB === undefined ? {} : { connectedKiB }) }];
  });
}

/** RssAnon by pid, for each time that the observer has looked to the end. */
export function completeLooks(lines: readonly string[]): ReadonlyMap<number, number>[] {
  const looks: ReadonlyMap<number, number>[] = [];
  let look = new Map<number, number>();
  for (const line of lines) {
    const match = /^\/proc\/(\d+)\/status:RssAnon:\s+(\d+) kB$/.exec(line);
    if (match !== null) look.set(Number(match[1]), Number(match[2]));
    if (line !== LOOKED) continue;
    looks.push(look);
    look = new Map();
  }
  return looks;
}
