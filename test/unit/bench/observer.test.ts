import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { ownProcesses, withObserver } from '../../bench/observer.ts';

it('ownProcesses() finds PID 1 and our units by their pids, and no container', () => {
  const lines = [
    '/proc/1/status:RssAnon:\t    9216 kB',
    '/proc/155/status:RssAnon:\t    8192 kB',
    '/proc/171/status:RssAnon:\t    2048 kB',
    'grep: /proc/300/status: No such file or directory',
  ];
  const units = [
    { id: 'redis', kind: 'service', pid: 171 },
    { id: 'console-ttyS0', kind: 'system', pid: 155 },
    { id: 'console-tty0', kind: 'system' },
  ] as const;
  expect(ownProcesses(lines, units)).toEqual([
    { unit: 'PID 1', rssAnonKiB: 9216 },
    { unit: 'console-ttyS0', rssAnonKiB: 8192 },
  ]);
});

it('withObserver() adds a service and changes nothing else', () => {
  const yaml = 'kernel:\n  image: k\nservices:\n  - name: redis\n    image: r\n';
  const { services, ...rest } = parse(withObserver(yaml)) as Record<string, unknown>;
  expect(rest).toEqual({ kernel: { image: 'k' } });
  expect(services).toMatchObject([{ name: 'redis' }, { name: 'observer', pid: 'host' }]);
});
