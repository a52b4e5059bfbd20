import type { UnitStatus } from '../../supervisor/control/api.ts';

/** A service that runs, as the control API has it. */
export function unitStatus(name: string, more: Partial<UnitStatus> = {}): UnitStatus {
  return {
    id: name,
    name,
    kind: 'service',
    image: 'i',
    state: 'running',
    reason: '',
    sinceMs: 0,
    restarts: 0,
    ...more,
  };
}
