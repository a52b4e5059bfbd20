/** How the machine is brought to its end. Pure. */
import type { RebootCommand } from '../../sys/sys.ts';
import type { Transition } from './transition.ts';

const LIMIT_MS = 90_000;

/** The first request decides how the machine ends; services go down from here on. */
export function requestEnd(t: Transition, end: RebootCommand, by: string): void {
  if (t.phase === 'stopping' || t.phase === 'halting') return;
  t.phase = 'stopping';
  t.end = end;
  t.tell('machine', 'info', `${end} requested by ${by}`);
  t.order({ type: 'machine.end-timer', ms: LIMIT_MS });
  // Our own processes stay: they show how the machine goes down.
  for (const unit of t.units) {
    if (unit.kind !== 'system') t.update(unit.id, { desired: 'down' });
  }
}

export function endOverdue(t: Transition): void {
  if (t.phase !== 'stopping') return;
  t.tell('machine', 'error', `not everything stopped within ${LIMIT_MS / 1000} s`);
  orderEnd(t);
}

export function orderEnd(t: Transition): void {
  t.phase = 'halting';
  t.order({ type: 'machine.end', end: t.end ?? 'reboot' });
}
