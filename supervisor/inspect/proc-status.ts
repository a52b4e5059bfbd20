/**
 * /proc/PID/status (proc_pid_status(5)) taken apart. Pure.
 */
import { CAPABILITIES } from '../../runc-shim/oci/capabilities.ts';
import type { ProcessInfo } from '../control/api.ts';

/** `Name: value` lines as a map; values keep their inner whitespace. */
export function parseStatus(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon === -1 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const];
    }),
  );
}

/** `8928 kB` → 8928; 0 for a field that is not there (kernel threads have no memory lines). */
export function kibibytes(status: ReadonlyMap<string, string>, field: string): number {
  return Number.parseInt(status.get(field) ?? '0', 10);
}

/** The names of the bits of a `Cap…` field, in the kernel's order. */
export function capabilityNames(hex: string | undefined): string[] {
  const bits = BigInt(`0x${hex ?? '0'}`);
  return CAPABILITIES.filter((_, index) => (bits >> BigInt(index)) & 1n);
}

export function processInfo(
  pid: number,
  statusText: string,
  namespaces: Readonly<Record<string, string>>,
): ProcessInfo {
  const status = parseStatus(statusText);
  // Uid and Gid: real, effective, saved set, filesystem.
  const effective = (field: string): number => Number(status.get(field)?.split(/\s+/)[1] ?? -1);
  return {
    pid,
    command: status.get('Name') ?? '',
    uid: effective('Uid'),
    gid: effective('Gid'),
    noNewPrivileges: status.get('NoNewPrivs') === '1',
    capabilities: {
      effective: capabilityNames(status.get('CapEff')),
      permitted: capabilityNames(status.get('CapPrm')),
      inheritable: capabilityNames(status.get('CapInh')),
      bounding: capabilityNames(status.get('CapBnd')),
      ambient: capabilityNames(status.get('CapAmb')),
    },
    namespaces,
  };
}
