/** How lines stand out on a terminal that has colours. Pure; elsewhere they do not, so no meaning may hang on it. */
import type { HistoryEntry, UnitStatus } from '../control/api.ts';

export type Style = 'strong' | 'good' | 'warning' | 'error';

/** SGR of ECMA-48: bold, green, yellow, red. */
const SGR: Readonly<Record<Style, number>> = { strong: 1, good: 32, warning: 33, error: 31 };

export function styled(text: string, style: Style | undefined): string {
  return style === undefined || text === '' ? text : `\x1b[${SGR[style]}m${text}\x1b[0m`;
}

export function styleOfEvent({ severity }: HistoryEntry): Style | undefined {
  return severity === 'info' ? undefined : severity;
}

export function styleOfUnit({ state, health }: UnitStatus): Style | undefined {
  switch (state) {
    case 'failed':
      return 'error';
    case 'backoff':
      return 'warning';
    case 'running':
      return health === 'unhealthy' ? 'warning' : 'good';
    case 'waiting':
    case 'starting':
    case 'stopping':
    case 'finished':
    case 'stopped':
      return undefined;
  }
}
