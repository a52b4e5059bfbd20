/** Which log of a machine a person means, and what its lines look like. Pure. */
import {
  MACHINE_LOG_NAMES,
  type MachineLogLine,
  type UnitStatus,
} from '../../../supervisor/control/api.ts';
import { logLines } from '../../../supervisor/view/event-view.ts';
import { unitCalled } from './unit-called.ts';

export interface LogSource {
  readonly path: string;
  /** Whether the API keeps to the last lines for us. */
  readonly takesTail: boolean;
  /** Whose numbers a line's are. */
  readonly logOf: (line: MachineLogLine) => string;
  readonly lines: (line: MachineLogLine) => readonly string[];
}

/** Without a name: all logs together. Throws `MachineError` `no-service`. */
export function logSource(units: readonly UnitStatus[], name: string | undefined): LogSource {
  if (name === undefined)
    return { path: '/v1/logs', takesTail: false, logOf: originOf, lines: withOrigin };
  // A service may be called so as well, and a person who has made one means that.
  const isUnit = units.some((unit) => unit.id === name || unit.name === name);
  if (!isUnit && MACHINE_LOG_NAMES.some((known) => known === name)) {
    return { path: `/v1/logs/${name}`, takesTail: true, logOf: oneLog, lines: logLines };
  }
  const id = encodeURIComponent(unitCalled(units, name).id);
  return { path: `/v1/services/${id}/logs`, takesTail: true, logOf: oneLog, lines: logLines };
}

function oneLog(): string {
  return '';
}

/** Its unit, or the log's own name where it is no unit's. */
function originOf({ unit, stream }: MachineLogLine): string {
  return unit ?? stream;
}

function withOrigin(line: MachineLogLine): readonly string[] {
  return logLines({ ...line, text: `${originOf(line)}: ${line.text}` });
}
