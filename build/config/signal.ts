/**
 * Signals as YAML files and images name them. Pure; Linux's numbers, whatever the building machine runs.
 */
import { signalName, signalNumber } from '../../sys/exit.ts';

/** glibc's and musl's range: the kernel's begins at 32, and both keep the first ones to themselves. */
const REALTIME = { MIN: 34, MAX: 64 };

/** The signals that have a name of their own. */
export const SIGNAL_NAMES: readonly string[] = Array.from({ length: 31 }, (_, index) =>
  signalName(index + 1),
);

/** The number of `SIGTERM`, `term`, `15` or `SIGRTMIN+3`; `undefined` for what is no signal. */
export function parseSignal(text: string): number | undefined {
  const name = text.toUpperCase();
  const number = realtimeSignal(name) ?? signalNumber(name);
  return number !== undefined && number >= 1 && number <= REALTIME.MAX ? number : undefined;
}

/** `SIGRTMIN+N` and `SIGRTMAX-N`, as systemd in a container wants its stop signal. */
function realtimeSignal(name: string): number | undefined {
  const match = /^(?:SIG)?RT(MIN(?:\+\d+)?|MAX(?:-\d+)?)$/.exec(name);
  if (match?.[1] === undefined) return undefined;
  const base = match[1].startsWith('MIN') ? REALTIME.MIN : REALTIME.MAX;
  const number = base + Number(match[1].slice(3) || 0);
  return number >= REALTIME.MIN ? number : undefined;
}
