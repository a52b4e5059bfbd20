/** A receiver of the machine's logs, as the manifest has it. Pure data. */
export interface SyslogTarget {
  readonly protocol: 'udp' | 'tcp';
  /** An IP address: nothing here resolves names. */
  readonly host: string;
  readonly port: number;
  /** Of lines that do not say one themselves: what a unit writes to its outputs. */
  readonly facility: number;
  /** Ids of units, and `kernel` and `ishmael`. Absent: all there is. */
  readonly logs?: readonly string[];
}

export const DEFAULT_SYSLOG_PORT = 514;
/** daemon */
export const DEFAULT_SYSLOG_FACILITY = 3;
