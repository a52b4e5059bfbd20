/** A line of /proc/PID/stat (proc_pid_stat(5)). Pure. */

export interface ProcessStat {
  /** One letter: `Z` has ended and is not collected yet. */
  readonly state: string;
  /** When it was started, in clock ticks since the host booted: with the pid, who it is. */
  readonly startTicks: number;
}

/** Where the start time stands after the name, whose end is the line's last `)`: field 22 of all, the state being 3. */
const START_FIELD = 22 - 3;

/** `undefined` for anything that is no such line. */
export function parseProcessStat(line: string): ProcessStat | undefined {
  const [state, ...fields] = line
    .slice(line.lastIndexOf(')') + 1)
    .trim()
    .split(' ');
  const startTicks = Number(fields[START_FIELD - 1] ?? Number.NaN);
  return state === undefined || !Number.isSafeInteger(startTicks)
    ? undefined
    : { state, startTicks };
}
