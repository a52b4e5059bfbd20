import { expect, it } from 'vitest';
import { ROUTES } from '../../../../supervisor/control/route.ts';
import { describedRoutes, wrongIn } from '../../../support/openapi.ts';

it('docs/openapi.yaml has the routes that are served, and no others', () => {
  const served = ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect(describedRoutes().sort()).toEqual(served.sort());
});

it('wrongIn() knows a wrong type, a missing property and one that nobody described', () => {
  const load = { one: 0, five: 0, fifteen: 0, runnable: 1, threads: 2 };
  const usage = [{ id: 'redis', cpuUs: 1, memoryBytes: 2, pids: 3 }];
  expect(wrongIn('/v1/usage', usage)).toEqual([]);
  expect(wrongIn('/v1/usage', [{ ...usage[0], pids: '3' }])).toHaveLength(1);
  expect(wrongIn('/v1/usage', [{ id: 'redis', cpuUs: 1, memoryBytes: 2 }])).toHaveLength(1);
  expect(wrongIn('/v1/usage', [{ ...usage[0], load }])).toHaveLength(1);
  expect(wrongIn('/v1/nothing', {})).toHaveLength(1);
});
