import { describe, expect, test } from 'vitest';

import { compileManifest } from '../../../../build/config/compile-manifest.ts';
import type { SyslogTarget } from '../../../../supervisor/syslog/target.ts';
import { byReference, image, problems, validConfig } from './fixtures.ts';

function compiled(syslog: string, more = ''): readonly SyslogTarget[] | undefined {
  const { config } = validConfig(`kernel: {image: k}\nsyslog: ${syslog}\n${more}`);
  return compileManifest(config, byReference(image('i', { cmd: ['/x'] })), 'm').syslog;
}

const DEFAULTS = { port: 514, facility: 3 };

describe('syslog', () => {
  test.each([
    ['udp://10.0.0.1', { protocol: 'udp', host: '10.0.0.1', ...DEFAULTS }],
    ['tcp://10.0.0.1:601', { protocol: 'tcp', host: '10.0.0.1', facility: 3, port: 601 }],
    ['"udp://[fd00::1]:5514"', { protocol: 'udp', host: 'fd00::1', facility: 3, port: 5514 }],
    ['{to: "udp://10.0.0.1/"}', { protocol: 'udp', host: '10.0.0.1', ...DEFAULTS }],
    [
      '{to: "tcp://[::1]", facility: local7}',
      { protocol: 'tcp', host: '::1', port: 514, facility: 23 },
    ],
  ])('takes %s', (text, expected) => {
    expect(compiled(`[${text}]`)).toEqual([expected]);
  });

  test('is not in the manifest of a machine that sends nothing', () => {
    expect(compiled('[]')).toBeUndefined();
  });

  test('has ids in place of the names of units', () => {
    const more = `onboot: [{name: a, image: i}, {name: b, image: i}, {name: a, image: i}]
services: [{name: c, image: i}]
onshutdown: [{name: b, image: i}]
`;
    const to = 'to: udp://10.0.0.1';
    expect(compiled(`[{${to}, logs: [c, kernel]}, {${to}, logs: [a, b]}]`, more)).toMatchObject([
      { logs: ['kernel', 'c'] },
      { logs: ['000-a', '001-b', '002-a', 'onshutdown-000-b'] },
    ]);
  });

  test.each([
    ['a text in place of the list', 'udp://10.0.0.1', ['2:9 wrong-type']],
    ['no protocol', '[10.0.0.1]', ['2:10 invalid-value']],
    ['another protocol', '["tls://10.0.0.1"]', ['2:10 invalid-value']],
    ['a name', '["udp://loghost:514"]', ['2:10 invalid-value']],
    ['an address without brackets', '["udp://fd00::1"]', ['2:10 invalid-value']],
    ['brackets without need', '["udp://[10.0.0.1]"]', ['2:10 invalid-value']],
    ['port 0', '["udp://10.0.0.1:0"]', ['2:10 invalid-value']],
    ['a port too high', '["udp://10.0.0.1:65536"]', ['2:10 invalid-value']],
    ['more behind it', '["udp://10.0.0.1:514/x"]', ['2:10 invalid-value']],
    ['a map without a receiver', '[{facility: user}]', ['2:10 missing-key']],
    ['a misspelt key', '[{to: "udp://10.0.0.1", log: [kernel]}]', ['2:33 unknown-key logs']],
    [
      'a misspelt facility',
      '[{to: "udp://10.0.0.1", facility: deamon}]',
      ['2:43 unknown-value daemon'],
    ],
    ["the kernel's facility", '[{to: "udp://10.0.0.1", facility: kern}]', ['2:43 unknown-value']],
    ['no logs at all', '[{to: "udp://10.0.0.1", logs: []}]', ['2:39 invalid-value']],
    [
      'an unknown log',
      '[{to: "udp://10.0.0.1", logs: [kernel, kernl]}]',
      ['2:48 unknown-value kernel'],
    ],
  ])('places %s', (_, text, expected) => {
    expect(problems(`kernel: {image: k}\nsyslog: ${text}\n`)).toEqual(expected);
  });
});
