import { expect, it } from 'vitest';
import { parseProbe } from '../../../../supervisor/linuxkit/probe-text.ts';

it.each([
  ['redis-cli ping', { kind: 'exec', args: ['/bin/sh', '-c', 'redis-cli ping'] }],
  ['["redis-cli", "ping"]', { kind: 'exec', args: ['redis-cli', 'ping'] }],
  [
    'http://127.0.0.1:8080/up?x=1',
    { kind: 'http', host: '127.0.0.1', port: 8080, path: '/up?x=1' },
  ],
  ['http://localhost', { kind: 'http', host: '127.0.0.1', port: 80, path: '/' }],
  ['http://[::1]:81/', { kind: 'http', host: '::1', port: 81, path: '/' }],
  ['tcp://127.0.0.1:80', { kind: 'tcp', host: '127.0.0.1', port: 80 }],
  ['file:///run/ready', { kind: 'file', path: '/run/ready' }],
])('parseProbe() reads %s', (text, probe) => {
  expect(parseProbe(text)).toEqual(probe);
});

it.each([
  '',
  '[]',
  '[1]',
  '["x"',
  'http://example.com/',
  'http://user@127.0.0.1/',
  'http:127.0.0.1',
  'tcp://127.0.0.1',
  'tcp://redis:6379',
  'file://host/run',
  'file:run',
])('parseProbe() finds none in "%s"', (text) => {
  expect(parseProbe(text)).toBeUndefined();
});
