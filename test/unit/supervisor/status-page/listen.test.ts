import { expect, it } from 'vitest';
import { parseListen } from '../../../../supervisor/status-page/listen.ts';

it.each([
  ['127.0.0.1:80', { address: '127.0.0.1', port: 80 }],
  ['[::]:8090', { address: '::', port: 8090 }],
  ['8090', undefined],
  ['127.0.0.1:70000', undefined],
  ['host:80', undefined],
])('parseListen() of %s', (text, wanted) => {
  expect(parseListen(text)).toEqual(wanted);
});
