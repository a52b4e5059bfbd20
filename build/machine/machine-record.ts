/** What is written down about a machine: `machine.json` in its directory. Pure. */
import type { PortForward } from '../run/port-forward.ts';
import type { ProcessIdentity } from './process-identity.ts';

export interface MachineRecord {
  readonly version: 1;
  readonly name: string;
  /** The image's name and the directory its files are in. */
  readonly image: string;
  readonly dir: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Whose child QEMU is; the machine ends with it. */
  readonly keeper: ProcessIdentity;
  /** Wall clock, ms since 1970. */
  readonly startedAtMs: number;
  readonly consoleLog: string;
  /** The directory of its sockets; not the machine's own where the paths would be too long. */
  readonly sockets: string;
  /** Once QEMU runs. */
  readonly qemu?: { readonly pid: number; readonly ports: readonly PortForward[] };
  /** Once it has ended. */
  readonly end?: MachineEnd;
}

export interface MachineEnd {
  readonly atMs: number;
  /** `off` powered off, `killed` on request, `failed` anything else. */
  readonly kind: 'off' | 'killed' | 'failed';
  /** For people: `powered off`, `QEMU ended with exit code 1: …` */
  readonly text: string;
}

/** `undefined` when the text is not a whole record of this version. */
export function parseRecord(text: string): MachineRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // Written by the same program and renamed into place: what can be wrong is its age.
  const record = value as Partial<MachineRecord> | null;
  const isWhole =
    record?.version === 1 &&
    typeof record.name === 'string' &&
    typeof record.sockets === 'string' &&
    typeof record.keeper?.pid === 'number';
  return isWhole ? (record as MachineRecord) : undefined;
}

export function renderRecord(record: MachineRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}
