import { describe, expect, test } from 'vitest';
import { parseConfig, renderConfig } from '../../../../build/image/oci-format.ts';

const SECOND = 1_000_000_000;

describe('parseConfig()', () => {
  test('reads what an engine writes', () => {
    const text = JSON.stringify({
      architecture: 'amd64',
      config: {
        User: 'redis:adm',
        Volumes: { '/data': {}, '/a': {} },
        ExposedPorts: { '6379/tcp': {} },
        Healthcheck: {
          Test: ['CMD', 'redis-cli', 'ping'],
          Interval: 5 * SECOND,
          StartPeriod: SECOND / 2,
          Timeout: 0,
          Retries: 4,
        },
      },
    });
    expect(parseConfig(text, 'x')).toEqual({
      entrypoint: [],
      cmd: [],
      env: [],
      workingDir: '',
      stopSignal: '',
      labels: {},
      user: 'redis:adm',
      volumes: ['/a', '/data'],
      exposedPorts: ['6379/tcp'],
      healthcheck: {
        test: ['CMD', 'redis-cli', 'ping'],
        intervalMs: 5000,
        startPeriodMs: 500,
        retries: 4,
      },
    });
  });

  test.each([{ config: null }, {}, { config: { Healthcheck: null, Volumes: null, User: '' } }])(
    'finds nothing in %j',
    (document) => {
      const config = parseConfig(JSON.stringify(document), 'x');
      expect(Object.keys(config)).not.toContain('user');
      expect(config).toMatchObject({ entrypoint: [], cmd: [], labels: {} });
      expect([config.healthcheck, config.volumes]).toEqual([undefined, undefined]);
    },
  );

  test('reads back what renderConfig() writes', () => {
    const config = {
      entrypoint: ['/a'],
      cmd: ['b'],
      env: ['C=d'],
      workingDir: '/w',
      stopSignal: 'SIGINT',
      labels: { l: 'm' },
      user: '7:8',
      volumes: ['/v'],
      exposedPorts: ['80/tcp', '81/udp'],
      healthcheck: { test: ['CMD-SHELL', 'true'], timeoutMs: 1500, startIntervalMs: 250 },
    };
    expect(parseConfig(renderConfig(config, []), 'x')).toEqual(config);
  });
});
