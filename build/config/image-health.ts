/**
 * A service's health check: what the file says, or else the image's own `HEALTHCHECK`. Pure.
 */
import { DEFAULT_HEALTH_CHECK, type HealthCheck } from '../../supervisor/service/policy.ts';
import type { Image, ImageHealthcheck } from '../image/image-store.ts';
import type { ServiceConfig } from './container-schema.ts';
import type { Defaults } from './hardening.ts';
import { shellLine } from './supervision-values.ts';

/** LinuxKit reads no check of an image, so its defaults have none. */
export function healthOf(
  service: ServiceConfig,
  image: Image,
  defaults: Defaults,
): HealthCheck | undefined {
  // A check that the file turns off is there, as `undefined`.
  if (Object.hasOwn(service, 'healthcheck')) return service.healthcheck;
  const own = image.config.healthcheck;
  return own === undefined || defaults === 'linuxkit' ? undefined : fromImage(own);
}

/** A time of 0 is left to the engine in an image, where the file means none at all. */
function fromImage(check: ImageHealthcheck): HealthCheck | undefined {
  const [kind, ...words] = check.test;
  const args = kind === 'CMD' ? words : kind === 'CMD-SHELL' ? shellLine(words.join(' ')) : [];
  if (args.length === 0) return undefined;
  return {
    ...DEFAULT_HEALTH_CHECK,
    probe: { kind: 'exec', args },
    ...stated('intervalMs', check.intervalMs),
    ...stated('timeoutMs', check.timeoutMs),
    ...stated('startPeriodMs', check.startPeriodMs),
    ...stated('startIntervalMs', check.startIntervalMs),
    ...stated('retries', check.retries),
  };
}

function stated<Key extends keyof HealthCheck>(
  key: Key,
  value: number | undefined,
): Partial<Record<Key, number>> {
  if (value === undefined || value === 0) return {};
  const found: Partial<Record<keyof HealthCheck, number>> = { [key]: value };
  return found;
}
