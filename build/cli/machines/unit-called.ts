/** Which unit of a machine a person means. Pure. */
import type { UnitStatus } from '../../../supervisor/control/api.ts';
import { findUnit } from '../../../supervisor/view/find-unit.ts';
import { MachineError } from '../../machine/machine-error.ts';

/** Throws `MachineError` `no-service`, with the name that was probably meant. */
export function unitCalled(units: readonly UnitStatus[], text: string): UnitStatus {
  const found = findUnit(units, text);
  if (found.tag === 'found') return found.unit;
  throw new MachineError('no-service', found.message);
}
