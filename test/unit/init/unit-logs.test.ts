import { expect, it } from 'vitest';
import { withDevLog } from '../../../init/unit-logs.ts';
import { planMounts } from '../../../runc-shim/oci/mounts.ts';
import { DEFAULT_LOG_RULES } from '../../../supervisor/log/log-rules.ts';
import { containerSpec } from '../../support/container-specs.ts';

it('withDevLog() binds the unit its own socket, into the /dev that the container has', () => {
  const container = withDevLog('000-cron', containerSpec({ name: 'cron' }), {
    ...DEFAULT_LOG_RULES,
    devLog: true,
  });
  const mounts = planMounts(container).map(({ destination, source }) => [destination, source]);
  expect(mounts).toContainEqual(['/dev/log', '/run/ishmael/dev-log/000-cron']);
  const places = mounts.map(([destination]) => destination);
  expect(places.indexOf('/dev/log')).toBeGreaterThan(places.indexOf('/dev'));
});

it('withDevLog() gives nothing to a container that has not asked', () => {
  const container = containerSpec({ name: 'cron' });
  expect(withDevLog('cron', container)).toBe(container);
  expect(withDevLog('cron', container, DEFAULT_LOG_RULES)).toBe(container);
});
