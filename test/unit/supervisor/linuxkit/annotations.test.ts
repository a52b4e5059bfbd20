import { describe, expect, it } from 'vitest';
import {
  AnnotationError,
  onbootAnnotations,
  onshutdownAnnotations,
  serviceAnnotations,
  writableSizeOf,
} from '../../../../supervisor/linuxkit/annotations.ts';
import {
  DEFAULT_HEALTH_CHECK,
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_ONSHUTDOWN_POLICY,
  DEFAULT_SERVICE_POLICY,
} from '../../../../supervisor/service/policy.ts';

function policyOf(word: string, text: string): unknown {
  return serviceAnnotations({ [`ishmael.${word}`]: text }).policy;
}

describe('serviceAnnotations()', () => {
  it('is the policy of any service where nothing is said, and does not mind other annotations', () => {
    expect(serviceAnnotations({ 'com.example.x': '1' })).toEqual({
      policy: DEFAULT_SERVICE_POLICY,
    });
    expect(DEFAULT_SERVICE_POLICY.restart.kind).toBe('unless-stopped');
  });

  it.each([
    ['restart', 'always', { restart: { kind: 'always' } }],
    ['restart', 'on-failure', { restart: { kind: 'on-failure' } }],
    ['restart', 'on-failure:3', { restart: { kind: 'on-failure', maxRestarts: 3 } }],
    ['stopSignal', 'SIGINT', { stopSignal: 2 }],
    ['stopTimeout', '1m30s', { stopTimeoutMs: 90_000 }],
    ['startTimeout', '500ms', { startTimeoutMs: 500 }],
    ['successExitStatus', '3, 143', { successExitStatus: [3, 143] }],
    ['readiness', 'notify', { readiness: { kind: 'notify' } }],
    ['readiness', 'fd:3', { readiness: { kind: 'fd', fd: 3 } }],
    ['essential', 'true', { essential: true }],
    [
      'dependsOn',
      'db, web:healthy, 000-format:completed, network, network:eth0, path:/run/x, time:set',
      {
        dependsOn: [
          { unit: 'db', condition: 'started', required: true },
          { unit: 'web', condition: 'healthy', required: true },
          { unit: '000-format', condition: 'completed', required: true },
        ],
        waitsFor: [
          { kind: 'network' },
          { kind: 'network', interface: 'eth0' },
          { kind: 'path', path: '/run/x' },
          { kind: 'time', is: 'set' },
        ],
      },
    ],
  ])('reads ishmael.%s: %s', (word, text, expected) => {
    expect(policyOf(word, text)).toEqual({ ...DEFAULT_SERVICE_POLICY, ...expected });
  });

  it('reads a health check with its numbers', () => {
    const { policy } = serviceAnnotations({
      'ishmael.healthcheck': 'tcp://127.0.0.1:6379',
      'ishmael.healthcheck.interval': '2s',
      'ishmael.healthcheck.retries': '5',
      'ishmael.healthcheck.onUnhealthy': 'restart',
    });
    expect(policy.health).toEqual({
      ...DEFAULT_HEALTH_CHECK,
      probe: { kind: 'tcp', host: '127.0.0.1', port: 6379 },
      intervalMs: 2000,
      retries: 5,
      onUnhealthy: 'restart',
    });
  });

  it('reads who runs it', () => {
    expect(serviceAnnotations({ 'ishmael.engine': 'containerd' }).engine).toBe('containerd');
    expect(serviceAnnotations({ 'ishmael.engine': 'direct' })).not.toHaveProperty('engine');
  });

  it.each([
    ['retsart', 'always'],
    ['restart', 'sometimes'],
    ['restart', 'always:3'],
    ['restart', 'on-failure:x'],
    ['stopSignal', 'SIGNOTHING'],
    ['stopTimeout', '10'],
    ['stopTimeout', '0s'],
    ['startTimeout', ''],
    ['successExitStatus', '256'],
    ['readiness', 'fd:2'],
    ['readiness', 'health'],
    ['essential', 'yes'],
    ['dependsOn', 'db:sometimes'],
    ['dependsOn', ''],
    ['healthcheck', ''],
    ['engine', 'docker'],
    ['onFailure', 'halt'],
  ])('refuses ishmael.%s: %s', (word, text) => {
    expect(() => policyOf(word, text)).toThrow(AnnotationError);
    expect(() => policyOf(word, text)).toThrow(`ishmael.${word}`);
  });
});

it('onbootAnnotations() and onshutdownAnnotations() read what a task can have', () => {
  expect(onbootAnnotations({})).toEqual(DEFAULT_ONBOOT_POLICY);
  expect(onbootAnnotations({ 'ishmael.onFailure': 'halt', 'ishmael.timeout': '5s' })).toEqual({
    ...DEFAULT_ONBOOT_POLICY,
    onFailure: 'halt',
    timeoutMs: 5000,
  });
  expect(onshutdownAnnotations({})).toEqual(DEFAULT_ONSHUTDOWN_POLICY);
  expect(() => onbootAnnotations({ 'ishmael.restart': 'always' })).toThrow('ishmael.restart');
  expect(() => onshutdownAnnotations({ 'ishmael.onFailure': 'halt' })).toThrow('onFailure');
});

it('writableSizeOf() reads what tmpfs would, for any kind of unit', () => {
  const of = (text: string): string | undefined => writableSizeOf({ 'ishmael.writableSize': text });
  expect(['64m', '8192', '10%'].map(of)).toEqual(['64m', '8192', '10%']);
  expect(writableSizeOf({})).toBeUndefined();
  expect(onbootAnnotations({ 'ishmael.writableSize': '1m' })).toEqual(DEFAULT_ONBOOT_POLICY);
  for (const wrong of ['', '0', '64mb', '100%']) expect(() => of(wrong)).toThrow(AnnotationError);
});
