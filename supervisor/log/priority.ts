/**
 * How grave a line is and where it comes from, as syslog counts: facility × 8 + severity (RFC 5424 §6.2.1),
 * and its text in log files, `daemon.warning`. Pure.
 */

/** 12 to 15 have no names that programs agree on. */
const FACILITIES = (
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ' +
  '12 13 14 15 local0 local1 local2 local3 local4 local5 local6 local7'
).split(' ');

const SEVERITIES = 'emerg alert crit err warning notice info debug'.split(' ');

export const WARNING = 4;
const SEVERITY_COUNT = SEVERITIES.length;

export function severityOf(priority: number): number {
  return priority % SEVERITY_COUNT;
}

export function facilityOf(priority: number): number {
  return Math.floor(priority / SEVERITY_COUNT);
}

export function priorityOf(facility: number, severity: number): number {
  return facility * SEVERITY_COUNT + severity;
}

/** `daemon.warning what was written` */
export function withPriority(priority: number, text: string): string {
  const facility = facilityOf(priority);
  const severity = SEVERITIES[severityOf(priority)] ?? '';
  return `${FACILITIES[facility] ?? facility}.${severity} ${text}`;
}

/** What `withPriority` was given; `undefined` for a text that it has not made. */
export function splitPriority(
  line: string,
): { readonly priority: number; readonly text: string } | undefined {
  const [, facilityName = '', severityName = '', text = ''] =
    /^([a-z0-9]+)\.([a-z]+) (.*)$/s.exec(line) ?? [];
  const severity = SEVERITIES.indexOf(severityName);
  const named = FACILITIES.indexOf(facilityName);
  const facility = named < 0 && /^\d{1,4}$/.test(facilityName) ? Number(facilityName) : named;
  if (severity < 0 || facility < 0) return undefined;
  return { priority: priorityOf(facility, severity), text };
}
