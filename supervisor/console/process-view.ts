/** `ps`: the processes of the units. Pure. */
import type { ProcessInfo } from '../control/api.ts';
import { printable } from '../view/printable.ts';
import { table } from '../view/table.ts';

export interface UnitProcesses {
  readonly unit: string;
  readonly processes: readonly ProcessInfo[];
}

export function processLines(units: readonly UnitProcesses[], width: number): readonly string[] {
  const rows = units.flatMap(({ unit, processes: list }) =>
    list.map(({ pid, uid, capabilities, command }) => [
      printable(unit),
      String(pid),
      String(uid),
      capabilityText(capabilities.effective),
      printable(command),
    ]),
  );
  if (rows.length === 0) return ['No process of a unit runs.'];
  return table(['UNIT', '>PID', '>UID', 'CAPABILITIES', 'COMMAND'], rows, width);
}

/** As many as fit in a column; all of them are in `status --json` and in the API. */
function capabilityText(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  if (names.length > 30) return 'all';
  const [first = '', ...more] = names;
  return more.length === 0 ? first : `${first} +${more.length}`;
}
