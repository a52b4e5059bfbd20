import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { routeRequest } from '../../../../supervisor/control/route.ts';

it.each([
  ['/v1/machine', { name: 'machine' }],
  ['/v1/sbom', { name: 'sbom' }],
  ['/v1/config', { name: 'config' }],
  ['/v1/crash', { name: 'crash' }],
  ['/v1/services', { name: 'services' }],
  ['/v1/event-loop', { name: 'event-loop' }],
  ['/v1/services/redis', { name: 'service', id: 'redis' }],
  ['/v1/services/redis/health', { name: 'health', id: 'redis' }],
  ['/v1/services/a%2Fb/processes', { name: 'processes', id: 'a/b' }],
  ['/v1/services/redis/logs', { name: 'logs', id: 'redis', tail: 200, follow: false }],
  ['/v1/services/redis/logs?tail=5&follow=1', { name: 'logs', id: 'redis', tail: 5, follow: true }],
  ['/v1/logs', { name: 'all-logs', follow: false }],
  ['/v1/logs?follow=1', { name: 'all-logs', follow: true }],
  ['/v1/logs/kernel?tail=5', { name: 'machine-log', log: 'kernel', tail: 5, follow: false }],
  ['/v1/logs/ishmael?follow=1', { name: 'machine-log', log: 'ishmael', tail: 200, follow: true }],
  ['/v1/events?since=7', { name: 'events', since: 7, follow: false }],
])('routeRequest() finds GET %s', (url, route) => {
  expect(routeRequest('GET', url, 'all')).toEqual({ ok: true, route });
});

it('routeRequest() takes orders only by POST', () => {
  expect(routeRequest('POST', '/v1/poweroff', 'all')).toEqual({
    ok: true,
    route: { name: 'end', end: 'poweroff' },
  });
  expect(routeRequest('POST', '/v1/services/redis/stop', 'all')).toEqual({
    ok: true,
    route: { name: 'action', id: 'redis', action: 'stop' },
  });
  expect(routeRequest('GET', '/v1/services/redis/stop', 'all')).toMatchObject({
    ok: false,
    status: 405,
  });
  expect(routeRequest('POST', '/v1/resume', 'all')).toEqual({
    ok: true,
    route: { name: 'resume' },
  });
  expect(routeRequest('GET', '/v1/resume', 'all')).toMatchObject({ ok: false, status: 405 });
  expect(routeRequest('GET', '/v1/reboot', 'all')).toMatchObject({ ok: false, status: 405 });
  expect(routeRequest('POST', '/v1/services', 'all')).toMatchObject({ ok: false, status: 405 });
});

it.each([
  '/',
  '/v2/machine',
  '/v1',
  '/v1/nothing',
  '/v1/services/a/b',
  '/v1/machine/x',
  '/v1/logs/redis',
])('routeRequest() has nothing at %s', (url) => {
  expect(routeRequest('GET', url, 'all')).toMatchObject({ ok: false, status: 404 });
});

it.each(['?tail=-1', '?tail=x', '?tail=', '?tail=9999999999999'])(
  'routeRequest() refuses logs%s',
  (query) => {
    const routing = routeRequest('GET', `/v1/services/redis/logs${query}`, 'all');
    expect(routing).toMatchObject({ ok: false, status: 400, error: { code: 'bad-request' } });
  },
);

it.each([
  ['HUP', 1],
  ['sigterm', 15],
  ['9', 9],
  ['64', 64],
])('routeRequest() sends signal=%s as %i', (text, signal) => {
  const route = { name: 'signal', id: 'redis', signal };
  const url = `/v1/services/redis/signal?signal=${text}`;
  expect(routeRequest('POST', url, 'all')).toEqual({ ok: true, route });
});

it.each(['', '?signal=', '?signal=0', '?signal=65', '?signal=SIG', '?signal=-9', '?signal=NOPE'])(
  'routeRequest() refuses signal%s',
  (query) => {
    const routing = routeRequest('POST', `/v1/services/redis/signal${query}`, 'all');
    expect(routing).toMatchObject({ ok: false, status: 400, error: { code: 'bad-request' } });
  },
);

it('routeRequest() finds nothing at what is no URL', () => {
  const error = { code: 'not-found', message: 'Nothing at "/\\"' };
  expect(routeRequest('GET', '/\\', 'all')).toEqual({ ok: false, status: 404, error });
});

it('routeRequest() answers whatever a client sends', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (method, path) => {
      routeRequest(method, `/v1/${path}`, 'all');
      routeRequest(method, path, 'all');
      routeRequest(method, `/v1/services/${path}/logs?tail=${path}`, 'all');
    }),
  );
});

it('routeRequest() has no orders for those who may only read', () => {
  expect(routeRequest('GET', '/v1/services', 'read')).toMatchObject({ ok: true });
  expect(routeRequest('GET', '/v1/config', 'read')).toMatchObject({ ok: false, status: 404 });
  expect(routeRequest('POST', '/v1/poweroff', 'read')).toMatchObject({ ok: false, status: 404 });
  expect(routeRequest('POST', '/v1/services', 'read')).toMatchObject({ ok: false, status: 405 });
});
