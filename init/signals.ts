/**
 * Signals by which the machine is asked to end: ctrl-alt-del from the kernel, and busybox's protocol,
 * which poweroff, reboot and halt in a container with the host's pid namespace use.
 */
import { signalNumber } from '../sys/exit.ts';
import type { RebootCommand, Sys } from '../sys/sys.ts';

const REQUESTS: readonly (readonly [NodeJS.Signals, RebootCommand, string])[] = [
  ['SIGINT', 'reboot', 'ctrl-alt-del'],
  ['SIGTERM', 'reboot', 'SIGTERM'],
  ['SIGUSR1', 'halt', 'SIGUSR1'],
  ['SIGUSR2', 'poweroff', 'SIGUSR2'],
];

export function listenForEndRequests(
  sys: Sys,
  request: (end: RebootCommand, by: string) => void,
): void {
  for (const [signal, end, by] of REQUESTS) process.on(signal, () => request(end, by));
  // Node was told not to open its inspector on SIGUSR1, and does that by blocking the signal. With
  // our listener in place there is nothing left to protect, and `halt` must come through.
  sys.unblockSignal(signalNumber('SIGUSR1') ?? 10);
  sys.disableCtrlAltDel();
}
