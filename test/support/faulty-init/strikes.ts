/** Faults for the PID 1 of a machine that has the faulty init. */
import type { GuestShell } from '../vm-shell.ts';

/** Also shows what an emergency does not: which generation PID 1 is in. */
export async function generationOf(shell: GuestShell): Promise<number> {
  const record = await shell('cat /proc/1/root/run/ishmael/generation.json');
  return (JSON.parse(record) as { readonly number: number }).number;
}

/**
 * One fault after another, each as soon as the generation after the last one has begun its log. Done
 * inside the machine, because the way from outside takes seconds to come back after each.
 */
export async function strike(shell: GuestShell, faults: readonly string[]): Promise<void> {
  let number = await generationOf(shell);
  const steps = faults.map((fault) => {
    number += 1;
    return `echo ${fault} > fault; ${untilGeneration(number)}`;
  });
  await shell(['cd /proc/1/root/run', ...steps].join('\n'), 200_000);
}

/** As a person would in a shell of the machine. */
export async function resume(shell: GuestShell): Promise<void> {
  const number = (await generationOf(shell)) + 1;
  const ask = 'until chroot /proc/1/root /usr/bin/ishmael resume; do sleep 0.2; done';
  await shell(`cd /proc/1/root/run\n${ask}\n${untilGeneration(number)}`, 60_000);
}

function untilGeneration(number: number): string {
  return `until grep -q "(generation ${number})" log/ishmael.log; do sleep 0.1; done`;
}
