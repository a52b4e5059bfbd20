import { expect, test } from 'vitest';

import { compileManifest } from '../../../../build/config/compile-manifest.ts';
import type { Manifest } from '../../../../supervisor/manifest.ts';
import {
  DEFAULT_HEALTH_CHECK,
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_ONSHUTDOWN_POLICY,
  DEFAULT_SERVICE_POLICY,
} from '../../../../supervisor/service/policy.ts';
import { byReference, image, validConfig } from './fixtures.ts';

const IMAGES = byReference(
  image('i', { cmd: ['/x'] }),
  image('quits', { cmd: ['/x'], stopSignal: 'SIGQUIT' }),
  image('broken', { cmd: ['/x'], stopSignal: 'SIGFOO' }),
);

function compile(sections: string): Manifest {
  const { config } = validConfig(`kernel: {image: k}\n${sections}`);
  return compileManifest(config, IMAGES, 'm');
}

test('compileManifest() has the defaults of the contract when the YAML says nothing', () => {
  const { onboot, services, onshutdown } = compile(
    'onboot: [{name: a, image: i}]\nservices: [{name: b, image: i}]\nonshutdown: [{name: c, image: i}]',
  );
  expect(onshutdown[0]?.policy).toEqual(DEFAULT_ONSHUTDOWN_POLICY);
  expect(onboot[0]?.policy).toEqual(DEFAULT_ONBOOT_POLICY);
  expect(services[0]?.policy).toEqual(DEFAULT_SERVICE_POLICY);
});

test('compileManifest() writes every key of a service', () => {
  const { services } = compile(`services:
  - name: a
    image: i
    restart: on-failure:3
    successExitStatus: [143]
    startLimit: {burst: 5, interval: 10m, action: reboot}
    stopSignal: INT
    stopTimeout: 3s
    startTimeout: 1m
    essential: true
    readiness: health
    healthcheck: {tcp: 80, retries: 5}
    dependsOn: [{path: /run/x}, {network: eth0}, {network: any}, {time: set}, {path: /run/x}]
    preStart: [[/bin/a, b], exit 0]
`);
  expect(services[0]?.preStart).toEqual([
    ['/bin/a', 'b'],
    ['/bin/sh', '-c', 'exit 0'],
  ]);
  expect(services[0]?.policy).toEqual({
    restart: { kind: 'on-failure', maxRestarts: 3 },
    successExitStatus: [143],
    startLimit: { burst: 5, intervalMs: 600_000, action: 'reboot' },
    stopSignal: 2,
    stopTimeoutMs: 3000,
    startTimeoutMs: 60_000,
    readiness: { kind: 'health' },
    health: {
      ...DEFAULT_HEALTH_CHECK,
      probe: { kind: 'tcp', host: '127.0.0.1', port: 80 },
      retries: 5,
    },
    essential: true,
    dependsOn: [],
    waitsFor: [
      { kind: 'path', path: '/run/x' },
      { kind: 'network', interface: 'eth0' },
      { kind: 'network' },
      { kind: 'time', is: 'set' },
    ],
  });
});

test('compileManifest() writes every key of an onboot task', () => {
  const { onboot } = compile(`onboot:
  - name: a
    image: i
    timeout: 1m
    onFailure: reboot
    successExitStatus: [1]
    stopSignal: 9
    stopTimeout: 0
`);
  expect(onboot[0]?.policy).toEqual({
    timeoutMs: 60_000,
    onFailure: 'reboot',
    successExitStatus: [1],
    stopSignal: 9,
    stopTimeoutMs: 0,
  });
});

test('compileManifest() writes every key of an onshutdown task', () => {
  const { onshutdown } = compile(`onshutdown:
  - {name: a, image: i, timeout: 1m, successExitStatus: [1], stopSignal: 9, stopTimeout: 0}
`);
  expect(onshutdown[0]?.policy).toEqual({
    timeoutMs: 60_000,
    successExitStatus: [1],
    stopSignal: 9,
    stopTimeoutMs: 0,
  });
});

test("compileManifest() takes the image's stop signal unless the YAML has one", () => {
  const { onboot, services, onshutdown } = compile(`onboot: [{name: a, image: quits}]
onshutdown: [{name: d, image: quits}]
services: [{name: b, image: quits}, {name: c, image: quits, stopSignal: KILL}]`);
  const signals = [...onboot, ...services, ...onshutdown].map(({ policy }) => policy.stopSignal);
  expect(signals).toEqual([3, 3, 9, 3]);
});

test('compileManifest() needs no signal of an image when the YAML has one', () => {
  const { services } = compile('services: [{name: a, image: broken, stopSignal: HUP}]');
  expect(services[0]?.policy.stopSignal).toBe(1);
  expect(() => compile('services: [{name: a, image: broken}]')).toThrow();
});

test('compileManifest() resolves dependencies to units', () => {
  const { services } = compile(`onboot:
  - {name: format, image: i}
  - {name: format, image: i}
  - {name: shared, image: i}
services:
  - name: web
    image: i
    dependsOn:
      format: {condition: completed}
      000-format: {}
      shared: {required: false}
      job: {condition: service_completed_successfully, required: false}
  - {name: job, image: i, restart: no}
  - {name: shared, image: i, dependsOn: [job, job]}
`);
  expect(services[0]?.policy.dependsOn).toEqual([
    { unit: '001-format', condition: 'completed', required: true },
    { unit: '000-format', condition: 'started', required: true },
    { unit: 'shared', condition: 'started', required: false },
    { unit: 'job', condition: 'completed', required: false },
  ]);
  expect(services[2]?.policy.dependsOn).toEqual([
    { unit: 'job', condition: 'started', required: true },
  ]);
});

test('compileManifest() keeps each condition of a unit, required if it is so anywhere', () => {
  const { services } = compile(`services:
  - name: web
    image: i
    dependsOn: [{service: db, condition: healthy, required: false}, db, {service: db, condition: healthy}]
  - {name: db, image: i, healthcheck: {tcp: 80}}
`);
  expect(services[0]?.policy.dependsOn).toEqual([
    { unit: 'db', condition: 'healthy', required: true },
    { unit: 'db', condition: 'started', required: true },
  ]);
});

test('compileManifest() writes no check that is turned off', () => {
  const { services } = compile('services: [{name: a, image: i, healthcheck: {disable: true}}]');
  expect(services[0]?.policy).toEqual(DEFAULT_SERVICE_POLICY);
  expect(services[0]?.policy).not.toHaveProperty('health');
});
