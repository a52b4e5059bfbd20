/**
 * `syslog` of the file: the receivers that the machine's logs are sent to, and which logs each of them gets.
 */
import { z } from 'zod';

import { MACHINE_LOG_NAMES } from '../../supervisor/control/api.ts';
import { onbootId, onshutdownId } from '../../supervisor/manifest.ts';
import {
  DEFAULT_SYSLOG_FACILITY,
  DEFAULT_SYSLOG_PORT,
  type SyslogTarget,
} from '../../supervisor/syslog/target.ts';
import { CONTAINER_SECTIONS } from './all-containers.ts';
import { candidates } from './candidates.ts';
import { parsed, type Refusal, refuse } from './notation.ts';
import type { Problem } from './problem.ts';
import { suggest } from './suggest.ts';
import { filledText } from './values.ts';

/** By their numbers. 12 to 15 have no names that programs agree on, and the kernel's is the kernel's. */
const FACILITIES: ReadonlyMap<string, number> = new Map(
  (
    'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ' +
    '- - - - local0 local1 local2 local3 local4 local5 local6 local7'
  )
    .split(' ')
    .map((name, number) => [name, number] as const)
    .filter(([name]) => name !== '-' && name !== 'kern'),
);

/** A receiver as the file has it: `logs` are names, not ids. */
export type SyslogConfig = SyslogTarget;

type Receiver = Pick<SyslogTarget, 'protocol' | 'host' | 'port'>;

const EXAMPLE = 'udp://10.0.0.1:514 or tcp://10.0.0.1:514';
const WANTED = `must be ${EXAMPLE}, or a map with "to"`;
const ADDRESS = z.union([z.ipv4(), z.ipv6()]);

const receiver = parsed<Receiver>('invalid-value', parseReceiver);

function parseReceiver(value: string): Receiver | Refusal {
  const [, scheme = '', bracketed, plain = '', digits] =
    /^([a-z]+):\/\/(?:\[([^\]]*)\]|([^:/]*))(?::(\d+))?\/?$/.exec(value) ?? [];
  const protocol = (['udp', 'tcp'] as const).find((known) => known === scheme);
  if (protocol === undefined) return refuse(`must be such as ${EXAMPLE}, not "${value}"`);
  const host = bracketed ?? plain;
  if (!ADDRESS.safeParse(host).success) {
    return refuse(`"${host}" must be an IP address: no names are resolved here`);
  }
  if (host.includes(':') !== (bracketed !== undefined)) {
    return refuse(
      'an IPv6 address needs brackets, as in "udp://[fd00::1]:514", and no other has them',
    );
  }
  const port = digits === undefined ? DEFAULT_SYSLOG_PORT : Number(digits);
  if (port < 1 || port > 65_535) return refuse('the port must be from 1 to 65535');
  return { protocol, host, port };
}

const facility = parsed<number>('unknown-value', (name) => {
  const known = [...FACILITIES.keys()];
  const number = FACILITIES.get(name);
  return (
    number ?? refuse(`must be one of ${known.join(', ')}, not "${name}"`, suggest(name, known))
  );
});

const target: z.ZodType<SyslogConfig> = z.union(
  [
    receiver.transform((to) => ({ ...to, facility: DEFAULT_SYSLOG_FACILITY })),
    z
      .strictObject({
        to: receiver,
        facility: facility.default(DEFAULT_SYSLOG_FACILITY),
        logs: z
          .array(filledText)
          .min(1, 'must not be empty: leave it out to send all')
          .exactOptional(),
      })
      .transform(({ to, ...rest }) => ({ ...to, ...rest })),
  ],
  { error: WANTED },
);

export const syslog: z.ZodType<readonly SyslogConfig[]> = z.array(target);

/** Names in `logs` that nothing here has. The file may have any shape. */
export function checkSyslogNames(config: unknown): readonly Problem[] {
  const containers = CONTAINER_SECTIONS.flatMap((section) => candidates(config, section));
  const names = [...containers.flatMap(({ name }) => name ?? []), ...MACHINE_LOG_NAMES];
  return candidates(config, 'syslog').flatMap(({ fields, path }) => {
    const logs: unknown = fields['logs'];
    if (!Array.isArray(logs)) return [];
    return logs.flatMap((name: unknown, index): readonly Problem[] => {
      if (typeof name !== 'string' || name === '' || names.includes(name)) return [];
      const message = `nothing here is called "${name}"`;
      const at = [...path, 'logs', index];
      return [{ code: 'unknown-value', message, suggestion: suggest(name, names), path: at }];
    });
  });
}

interface Named {
  readonly name: string;
}

/** With ids in place of names; one name may be that of several tasks. */
export function compileSyslog(
  targets: readonly SyslogConfig[],
  containers: Readonly<Record<(typeof CONTAINER_SECTIONS)[number], readonly Named[]>>,
): readonly SyslogTarget[] {
  const ids: readonly (Named & { readonly id: string })[] = [
    ...MACHINE_LOG_NAMES.map((name) => ({ name, id: name })),
    ...containers.services.map(({ name }) => ({ name, id: name })),
    ...containers.onboot.map(({ name }, index) => ({ name, id: onbootId(index, name) })),
    ...containers.onshutdown.map(({ name }, index) => ({ name, id: onshutdownId(index, name) })),
  ];
  return targets.map(({ logs, ...rest }) => {
    if (logs === undefined) return rest;
    const wanted = ids.filter(({ name }) => logs.includes(name)).map(({ id }) => id);
    return { ...rest, logs: [...new Set(wanted)] };
  });
}
