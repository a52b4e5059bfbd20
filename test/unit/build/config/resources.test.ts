import { describe, expect, test } from 'vitest';

import { parseByteSize } from '../../../../build/config/byte-size.ts';
import { parseConfig } from '../../../../build/config/parse-config.ts';
import type { ContainerResources } from '../../../../runc-shim/oci/container-spec.ts';
import { validConfig } from './fixtures.ts';

/** The value of `resources` begins in line 3, column 2. */
function withResources(value: string): string {
  return `kernel: {image: k}\nservices: [{name: a, image: i, resources:\n ${value}}]\n`;
}

function resourcesOf(value: string): ContainerResources | undefined {
  return validConfig(withResources(value)).config.services[0]?.resources;
}

/** What is wrong: `line:col code`, with the suggestion behind it if there is one. */
function problems(value: string): readonly string[] {
  return parseConfig('x.yml', withResources(value)).diagnostics.map(
    ({ line, col, code, suggestion }) =>
      suggestion === undefined ? `${line}:${col} ${code}` : `${line}:${col} ${code} ${suggestion}`,
  );
}

function messages(value: string): readonly string[] {
  return parseConfig('x.yml', withResources(value)).diagnostics.map(({ message }) => message);
}

describe('parseByteSize()', () => {
  test.each([
    ['0', 0],
    ['4096', 4096],
    ['64M', 64 * 1024 ** 2],
    ['64m', 64 * 1024 ** 2],
    ['64MiB', 64 * 1024 ** 2],
    ['64mb', 64 * 1024 ** 2],
    ['1.5G', 1.5 * 1024 ** 3],
    ['2 T', undefined],
    ['512B', 512],
    ['1T', 1024 ** 4],
    ['-1', undefined],
    ['64X', undefined],
    ['', undefined],
    ['99999999T', undefined],
  ])('%s', (text, bytes) => expect(parseByteSize(text)).toBe(bytes));
});

describe('resources become files of cgroup v2:', () => {
  test.each<[string, Readonly<Record<string, string>>]>([
    ['{memory: {limit: 67108864}}', { 'memory.max': '67108864' }],
    ['{memory: {limit: 64M, reservation: 16M}}', m({ max: 64, low: 16 })],
    ['{memory: {limit: 64M, swap: 96M}}', m({ max: 64, 'swap.max': 32 })],
    ['{memory: {limit: 64M, swap: 64M}}', m({ max: 64, 'swap.max': 0 })],
    ['{memory: {limit: -1, swap: -1}}', { 'memory.max': 'max', 'memory.swap.max': 'max' }],
    ['{cpu: {shares: 1024}}', { 'cpu.weight': '100' }],
    ['{cpu: {shares: 2}}', { 'cpu.weight': '1' }],
    ['{cpu: {shares: 262144}}', { 'cpu.weight': '10000' }],
    ['{cpu: {quota: 50000}}', { 'cpu.max': '50000 100000' }],
    ['{cpu: {quota: -1}}', { 'cpu.max': 'max 100000' }],
    [
      '{cpu: {quota: 50000, period: 20000, burst: 10000}}',
      { 'cpu.max': '50000 20000', 'cpu.max.burst': '10000' },
    ],
    ['{cpu: {idle: 1}}', { 'cpu.idle': '1' }],
    ['{cpu: {cpus: 0-2, mems: 0}}', { 'cpuset.cpus': '0-2', 'cpuset.mems': '0' }],
    ['{pids: {limit: 20}}', { 'pids.max': '20' }],
    ['{pids: {limit: -1}}', { 'pids.max': 'max' }],
    [
      '{hugepageLimits: [{pageSize: 2MB, limit: 4M}]}',
      { 'hugetlb.2MB.max': '4194304', 'hugetlb.2MB.rsvd.max': '4194304' },
    ],
    ['{rdma: {mlx5_1: {hcaHandles: 3}}}', { 'rdma.max': 'mlx5_1 hca_handle=3 hca_object=max' }],
    [
      '{memory: {limit: 64M}, unified: {memory.high: 48M, memory.max: 1000000, cpu.idle: 1}}',
      { 'memory.max': '1000000', 'memory.high': '48M', 'cpu.idle': '1' },
    ],
    ['{unified: {hugetlb.1GB.max: 0}}', { 'hugetlb.1GB.max': '0' }],
    ['{}', {}],
  ])('%s', (value, unified) => {
    expect(resourcesOf(value)).toEqual({ unified, devices: [] });
  });

  test('all but those whose file depends on the kernel', () => {
    const throttle = 'throttleReadBpsDevice: [{major: 8, minor: 0, rate: 1M}]';
    const blockIO = {
      weight: 500,
      throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1024 ** 2 }],
    };
    for (const key of ['blockIO', 'blockio']) {
      const value = `{${key}: {weight: 500, ${throttle}}}`;
      expect(resourcesOf(value)).toEqual({ unified: {}, blockIO, devices: [] });
    }
  });

  test('and rules for devices', () => {
    const value = '{devices: [{allow: true, type: c, major: 10, minor: 229}]}';
    const devices = [{ allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' }];
    expect(resourcesOf(value)).toEqual({ unified: {}, devices });
  });
});

describe('parseConfig() places, in resources,', () => {
  test.each([
    ['a mistyped key', '{memory: {limt: 64M}}', ['3:12 unknown-key limit']],
    ['a mistyped part', '{memroy: {limit: 64M}}', ['3:3 unknown-key memory']],
    ['a negative size', '{memory: {limit: -5}}', ['3:19 bad-size']],
    ['a unit that is none', '{memory: {limit: 64X}}', ['3:19 bad-size']],
    ['a size in another unit', '{memory: {limit: 64}}', ['3:19 bad-size']],
    ['a size that is a list', '{memory: {limit: [1]}}', ['3:19 wrong-type']],
    ['a swap without a limit', '{memory: {swap: 64M}}', ['3:12 conflict']],
    ['a swap below the limit', '{memory: {limit: 64M, swap: 32M}}', ['3:24 conflict']],
    ['a quota of a hair', '{cpu: {quota: 10}}', ['3:16 invalid-value']],
    ['a negative share', '{cpu: {shares: -1}}', ['3:17 invalid-value']],
    ['a burst beyond the quota', '{cpu: {quota: 1000, burst: 2000}}', ['3:22 conflict']],
    ['idle and shares', '{cpu: {idle: 1, shares: 512}}', ['3:18 conflict']],
    ['processors that are none', '{cpu: {cpus: all}}', ['3:15 invalid-value']],
    ['no processes at all', '{pids: {limit: 0}}', ['3:17 invalid-value']],
    ['a weight of v2', '{blockIO: {weight: 5000}}', ['3:21 invalid-value']],
    ['both spellings', '{blockIO: {}, blockio: {}}', ['3:16 conflict']],
    ['two rdma devices', '{rdma: {a: {}, b: {}}}', ['3:9 invalid-value']],
    ['a mistyped file', '{unified: {memory.hihg: 1}}', ['3:13 unknown-value memory.high']],
    ['a file that is no limit', '{unified: {cgroup.procs: 1}}', ['3:13 unknown-value']],
    ['a path', '{unified: {../memory.max: 1}}', ['3:13 unknown-value memory.max']],
    ['kernel memory', '{memory: {kernelTCP: 1}}', ['3:12 cgroup-v1']],
    ['swappiness', '{memory: {swappiness: 1}}', ['3:12 cgroup-v1']],
    ['a realtime budget', '{cpu: {realtimeRuntime: 1}}', ['3:9 cgroup-v1']],
    [
      'weights of leaves',
      '{blockio: {leafWeight: 1, weightDevice: [{major: 8, minor: 0, weight: 10, leafWeight: 1}]}}',
      ['3:13 cgroup-v1', '3:76 cgroup-v1'],
    ],
    ['tags on packets', '{network: {classID: 1}}', ['3:3 cgroup-v1']],
  ])('%s', (_, value, expected) => expect(problems(value)).toEqual(expected));

  test('a size with what would be right', () => {
    expect(messages('{memory: {limit: 64X}}')).toEqual([
      'resources.memory.limit: must be a number of bytes or a size such as 64M, or -1 for no limit, not "64X"',
    ]);
    expect(messages('{memory: {limit: 64}}')).toEqual([
      'resources.memory.limit: must be at least 1M: a plain number counts bytes',
    ]);
  });
});

/** Files of the memory controller with values in MiB. */
function m(files: Readonly<Record<string, number>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(files).map(([name, mib]) => [`memory.${name}`, String(mib * 1024 ** 2)]),
  );
}
