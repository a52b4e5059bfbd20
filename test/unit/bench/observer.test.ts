import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { completeLooks, ownProcesses, withObserver } from '../../bench/observer.ts';

const LINES = [
  '/proc/1/status:RssAnon:\t    9216 kB',
  '/proc/155/status:RssAnon:\t    8192 kB',
  '/proc/171/status:RssAnon:\t    2048 kB',
  'grep: /proc/300/status: No such file or directory',
  'looked',
  '/proc/1/status:RssAnon:\t    9300 kB',
  '/proc/155/status:RssAnon:\t    8192 kB',
  '/proc/200/status:RssAnon:\t    7168 kB',
  'looked',
  '/proc/1/status:RssAnon:\t    9999 kB',
];

it('ownProcesses() finds PID 1 and our units by their pids, and no container', () => {
  const units = [
    { id: 'redis', kind: 'service', pid: 171 },
    { id: 'console-ttyS0', kind: 'system', pid: 155 },
    { id: 'host-bridge', kind: 'system', pid: 200 },
    { id: 'console-tty0', kind: 'system' },
  ] as const;
  expect(ownProcesses(LINES, units)).toEqual([
    { unit: 'PID 1', idleKiB: 9216, connectedKiB: 9300 },
    { unit: 'console-ttyS0', idleKiB: 8192, connectedKiB: 8192 },
    { unit: 'host-bridge', connectedKiB: 7168 },
  ]);
});

it('completeLooks() leaves out a look that has not come to its end', () => {
  expect(completeLooks(LINES).map((look) => look.get(1))).toEqual([9216, 9300]);
});

it('withObserver() adds a service and changes nothing else', () => {
  const yaml = 'kernel:\n  image: k\nservices:\n  - name: redis\n    image: r\n';
  const { services, ...rest } = parse(withObserver(yaml)) as Record<string, unknown>;
  expect(rest).toEqual({ kernel: { image: 'k' } });
  expect(services).toMatchObject([{ name: 'redis' }, { name: 'observer', pid: 'host' }]);
});
