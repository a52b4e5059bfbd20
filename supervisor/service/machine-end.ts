/** How the machine is brought to its end. Pure. */
import type { RebootCommand } from '../../sys/sys.ts';
import type { MachineTimer } from './effect.ts';
import type { Transition } from './transition.ts';

/** All of the end together, and what onshutdown tasks may take of it: services need the rest to stop. */
export const END_LIMITS_MS: Readonly<Record<MachineTimer, number>> = {
  tasks: 60_000,
  end: 90_000,
};

/** The first request decides how the machine ends. */
export function requestEnd(t: Transition, end: RebootCommand, by: string): void {
  if (t.end !== undefined) return;
  t.phase = 'onshutdown';
  t.end = end;
  t.tell('machine', 'info', `${end} requested by ${by}`);
  orderTimer(t, 'end');
  const { units } = t;
  if (units.some(({ kind }) => kind === 'onshutdown')) orderTimer(t, 'tasks');
  for (const { id, kind } of units) if (kind === 'onboot') t.update(id, { desired: 'down' });
}

/** From here on nothing is to run but our own processes: they show how the machine goes down. */
export function beginStopping(t: Transition): void {
  t.phase = 'stopping';
  for (const { id, kind } of t.units) if (kind !== 'system') t.update(id, { desired: 'down' });
}

export function overdue(t: Transition, what: MachineTimer): void {
  const seconds = END_LIMITS_MS[what] / 1000;
  if (what === 'end' && (t.phase === 'onshutdown' || t.phase === 'stopping')) {
    t.tell('machine', 'error', `not everything stopped within ${seconds} s`);
    orderEnd(t);
  } else if (what === 'tasks' && t.phase === 'onshutdown') {
    t.tell('machine', 'error', `onshutdown tasks took longer than ${seconds} s`);
    beginStopping(t);
  }
}

export function orderEnd(t: Transition): void {
  t.phase = 'halting';
  t.order({ type: 'machine.end', end: t.end ?? 'reboot' });
}

function orderTimer(t: Transition, what: MachineTimer): void {
  t.order({ type: 'machine.timer', what, ms: END_LIMITS_MS[what] });
}
