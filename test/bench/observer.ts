/**
 * What our own processes need, seen by a container in the machine: the control API tells it of PID 1
 * alone, and answering costs PID 1 some memory. An observer costs time and memory of its own, so it
 * gets a machine for itself, which is not timed. Pure: the service's text, and reading what it said.
 */
import { parse, stringify } from 'yaml';
import type { UnitStatus } from '../../supervisor/control/api.ts';

export const OBSERVER = 'observer';

/** The last line it writes. */
export const OBSERVED = 'observed';

/** Before the bench asks anything: a request would be part of what is seen. */
const WAIT_SECONDS = 6;

const SERVICE = {
  name: OBSERVER,
  image: 'ishmael/busybox',
  pid: 'host',
  command: [
    '/bin/sh',
    '-c',
    `sleep ${WAIT_SECONDS}; grep -H RssAnon /proc/[0-9]*/status; echo ${OBSERVED}; exec sleep 3600`,
  ],
};

/** The same machine with the observer in it. */
export function withObserver(yaml: string): string {
  const config = parse(yaml) as { readonly services: readonly unknown[] };
  return stringify({ ...config, services: [...config.services, SERVICE] });
}

export interface OwnProcess {
  readonly unit: string;
  readonly rssAnonKiB: number;
}

/** PID 1 and the units that are processes of our own; the observer's lines name processes by pid. */
export function ownProcesses(
  lines: readonly string[],
  units: readonly Pick<UnitStatus, 'id' | 'kind' | 'pid'>[],
): OwnProcess[] {
  const byPid = new Map(
    lines.flatMap((line) => {
      const match = /^\/proc\/(\d+)\/status:RssAnon:\s+(\d+) kB$/.exec(line);
      return match === null ? [] : [[Number(match[1]), Number(match[2])] as const];
    }),
  );
  const system = units.filter(({ kind }) => kind === 'system');
  return [{ id: 'PID 1', pid: 1 }, ...system].flatMap(({ id, pid }) => {
    const rssAnonKiB = pid === undefined ? undefined : byPid.get(pid);
    return rssAnonKiB === undefined ? [] : [{ unit: id, rssAnonKiB }];
  });
}
