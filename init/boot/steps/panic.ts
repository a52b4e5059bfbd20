/**
 * What the kernel does after a panic (kernel.panic of sysctl/kernel.rst). Who boots the machine with
 * `panic=` on the command line has the last word: it is there to look at a machine that panics.
 */
import { readFileSync } from 'node:fs';
import { writeSysctls } from './sysctl.ts';

/** @param timeout as `Manifest.panicTimeout` */
export function setPanicTimeout(root: string, timeout: number): string | undefined {
  const cmdline = readFileSync(`${root}/proc/cmdline`, 'utf8');
  const word = cmdline.split(/\s+/).findLast((candidate) => candidate.startsWith('panic='));
  if (word !== undefined) return `the kernel command line says ${word}`;
  return writeSysctls(root, { 'kernel.panic': String(timeout) });
}
