/** How a process ended: by itself with a code, or by a signal (`core` when it left a core dump). */
export type Exit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signaled'; readonly signal: number; readonly core: boolean };

/** The words for an exit, as a person reads them: `exit code 3`, `killed by SIGKILL`. */
export function describeExit(exit: Exit): string {
  if (exit.kind === 'exited') return `exit code ${exit.code}`;
  const name = signalName(exit.signal);
  return exit.core ? `killed by ${name} (core dumped)` : `killed by ${name}`;
}

/** Signal names by number (signal(7), x86 and arm: the numbers are the same there). */
const SIGNALS: readonly string[] = (
  '- HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP ' +
  'TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');

export function signalName(signal: number): string {
  const name = SIGNALS[signal];
  return name === undefined || name === '-' ? `signal ${signal}` : `SIG${name}`;
}

/** The number of `SIGTERM`, `TERM` or `15`; `undefined` for anything else. */
export function signalNumber(name: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name);
  const index = SIGNALS.indexOf(name.replace(/^SIG/, ''));
  return index > 0 ? index : undefined;
}
