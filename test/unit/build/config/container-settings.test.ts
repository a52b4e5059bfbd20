import { describe, expect, test } from 'vitest';

import { problems, problemsWithImages, validConfig, withKeys } from './fixtures.ts';

describe('parseConfig() reads the keys of a container:', () => {
  test.each([
    ['capabilities.add: [CAP_KILL]', { 'capabilities.add': ['CAP_KILL'] }],
    [
      'binds.add: ["/a:/b"]',
      { 'binds.add': [{ source: '/a', destination: '/b', options: ['rw', 'rbind', 'rshared'] }] },
    ],
    [
      'mounts: [{type: tmpfs, destination: /x, options: [size=1m]}]',
      { mounts: [{ type: 'tmpfs', source: 'tmpfs', destination: '/x', options: ['size=1m'] }] },
    ],
    [
      'mounts: [{type: tmpfs, destination: x/y}]',
      { mounts: [{ type: 'tmpfs', source: 'tmpfs', destination: '/x/y', options: [] }] },
    ],
    [
      'mounts: [{source: mqueue}]',
      { mounts: [{ type: 'mqueue', source: 'mqueue', destination: '/dev/mqueue', options: [] }] },
    ],
    [
      'mounts: [{type: sysfs}]',
      { mounts: [{ type: 'sysfs', source: 'sysfs', destination: '/sys', options: [] }] },
    ],
    [
      'mounts: [{destination: /dev}]',
      { mounts: [{ type: 'tmpfs', source: 'tmpfs', destination: '/dev', options: [] }] },
    ],
    [
      'devices: [{path: /dev/kvm, type: c, major: 10, minor: 232, mode: "0660"}]',
      {
        devices: [
          {
            kind: 'node',
            node: { path: '/dev/kvm', type: 'c', major: 10, minor: 232, fileMode: 0o660 },
          },
        ],
      },
    ],
    ['devices: [{path: all, type: b}]', { devices: [{ kind: 'class', type: 'b' }] }],
    ['userns: new', { userns: 'new' }],
    ['cgroupns: host', { cgroupns: 'host' }],
    ['timens: new', { timens: 'new' }],
    ['timeOffsets: {boottime: 1d}', undefined],
    [
      'timeOffsets: {boottime: 24h, monotonic: 1500ms}',
      {
        timeOffsets: {
          boottime: { secs: 86_400, nanosecs: 0 },
          monotonic: { secs: 1, nanosecs: 500_000_000 },
        },
      },
    ],
    [
      'uidMappings: [{containerID: 0, hostID: 1000, size: 10}]',
      { uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }] },
    ],
    ['umask: "0027"', { umask: 0o27 }],
    ['writableSize: 64M', { writableSize: '64M' }],
    ['writableSize: 10%', { writableSize: '10%' }],
    ['seccomp: unconfined', { seccomp: 'unconfined' }],
    [
      'seccomp: {defaultAction: SCMP_ACT_ALLOW, syscalls: [{names: [mount], action: SCMP_ACT_ERRNO, errnoRet: 1}]}',
      {
        seccomp: {
          defaultAction: 'SCMP_ACT_ALLOW',
          syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
        },
      },
    ],
    ['apparmor: web', { apparmor: 'web' }],
    ['maskedPaths: []', { maskedPaths: [] }],
    ['readonlyPaths: [/proc/sys]', { readonlyPaths: ['/proc/sys'] }],
    ['oomScoreAdj: -500', { oomScoreAdj: -500 }],
    ['sysctl: {net.ipv4.ip_forward: 1}', { sysctl: { 'net.ipv4.ip_forward': '1' } }],
    ['rootfsPropagation: rshared', { rootfsPropagation: 'rshared' }],
    ['cgroupsPath: mine/web', { cgroupsPath: 'mine/web' }],
    ['annotations: {a: b}', { annotations: { a: 'b' } }],
    ['terminal: false', { terminal: false }],
    ['terminal: true', { terminal: true }],
    [
      'runtime: {mounts: [{type: ext4, source: /dev/vda, destination: data}], mkdir: [/a, b], cgroups: [mine/a]}',
      {
        runtime: {
          mounts: [{ type: 'ext4', source: '/dev/vda', destination: 'data', options: [] }],
          mkdir: ['/a', 'b'],
          cgroups: ['mine/a'],
        },
      },
    ],
    [
      'runtime: {interfaces: [{name: eth0}, {name: v, peer: w}, {name: wg0, add: wireguard, createInRoot: true}]}',
      {
        runtime: {
          interfaces: [
            { name: 'eth0', createInRoot: false },
            { name: 'v', peer: 'w', createInRoot: false },
            { name: 'wg0', add: 'wireguard', createInRoot: true },
          ],
        },
      },
    ],
    [
      'runtime: {bindNS: {net: /run/netns/a}, namespace: n}',
      { runtime: { bindNS: { net: '/run/netns/a' }, namespace: 'n' } },
    ],
  ])('%s', (keys, expected) => {
    const text = withKeys('services', keys);
    if (expected === undefined) expect(problems(text)).toEqual(['4:29 bad-duration']);
    else expect(validConfig(text).config.services[0]).toMatchObject(expected);
  });
});

describe('parseConfig() places in a container', () => {
  test.each([
    ['a mount without a type', 'mounts: [{source: /x, destination: /y}]', ['4:14 bad-mount']],
    ['a mount without a place', 'mounts: [{type: tmpfs}]', ['4:14 bad-mount']],
    ['a relative device', 'devices: [{path: kvm, type: c, mode: "0600"}]', ['4:22 invalid-value']],
    ['a device without a mode', 'devices: [{path: /dev/x, type: c}]', ['4:15 missing-key']],
    ['a device of both types', 'devices: [{path: /dev/x, type: a}]', ['4:36 unknown-value']],
    ['a class of pipes', 'devices: [{path: all, type: p}]', ['4:33 unknown-value']],
    [
      'a device with a mode of decimals',
      'devices: [{path: /dev/x, type: c, mode: 660}]',
      ['4:45 wrong-type'],
    ],
    ['mappings of nothing', 'uidMappings: []', ['4:18 invalid-value']],
    [
      'a mapping in small letters',
      'uidMappings: [{containerid: 0, hostID: 0, size: 1}]',
      ['4:19 missing-key', '4:20 unknown-key containerID'],
    ],
    ['an umask with more than permissions', 'umask: "7777"', ['4:12 invalid-value']],
    ['a size of nothing', 'writableSize: 0', ['4:19 wrong-type']],
    ['a size of too much', 'writableSize: 101%', ['4:19 invalid-value']],
    ['an unknown profile', 'seccomp: defualt', ['4:14 unknown-value default']],
    [
      'an unknown action',
      'seccomp: {defaultAction: SCMP_ACT_ALOW}',
      ['4:30 unknown-value SCMP_ACT_ALLOW'],
    ],
    ['a relative mask', 'maskedPaths: [proc]', ['4:19 invalid-value']],
    ['an OOM score out of range', 'oomScoreAdj: 2000', ['4:18 invalid-value']],
    ['an unknown propagation', 'rootfsPropagation: shard', ['4:24 unknown-value shared']],
    ['a cgroup of slices', 'cgroupsPath: "a:b:c"', ['4:18 invalid-value']],
    ['a terminal that is neither', 'terminal: yes please', ['4:15 wrong-type']],
    [
      'an interface with a long name',
      'runtime: {interfaces: [{name: a234567890123456}]}',
      ['4:35 invalid-value'],
    ],
    ['a veth without a peer', 'runtime: {interfaces: [{name: a, add: veth}]}', ['4:38 conflict']],
    [
      'a peer of no veth',
      'runtime: {interfaces: [{name: a, add: dummy, peer: b}]}',
      ['4:50 conflict'],
    ],
    [
      'a relative place of a namespace',
      'runtime: {bindNS: {net: netns/a}}',
      ['4:29 invalid-value'],
    ],
    ['an unknown namespace', 'runtime: {bindNS: {nett: /a}}', ['4:24 unknown-key net']],
    ['a mount of no type beside it', 'runtime: {mounts: [{destination: /a}]}', ['4:24 bad-mount']],
    ['a list of annotations', 'annotations: [a]', ['4:18 wrong-type']],
  ])('%s', (_, keys, expected) => {
    expect(problems(withKeys('services', keys))).toEqual(expected);
  });
});

describe('checkContainers() places', () => {
  test.each([
    ['a hostname in the namespace of PID 1', 'hostname: h', ['4:5 needs-namespace']],
    ['the same said outright', 'hostname: h, uts: host', ['4:5 needs-namespace']],
    ['a hostname with a namespace', 'hostname: h, uts: new', []],
    ['a sysctl of the host', 'sysctl: {net.ipv4.ip_forward: 1}', ['4:14 needs-namespace']],
    ['a sysctl with a namespace', 'net: new, sysctl: {net.ipv4.ip_forward: 1}', []],
    [
      'a sysctl of message queues',
      'net: new, sysctl: {fs.mqueue.msg_max: 1}',
      ['4:24 needs-namespace'],
    ],
    ['a sysctl of shared memory', 'ipc: new, sysctl: {kernel.shmmax: 1}', []],
    ['a sysctl of the machine', 'net: new, sysctl: {vm.swappiness: 1}', ['4:24 conflict']],
    ['users without mappings', 'userns: new', ['4:5 missing-key']],
    [
      'mappings without users',
      'uidMappings: [{containerID: 0, hostID: 0, size: 1}]',
      ['4:5 needs-namespace'],
    ],
    ['clocks without a namespace', 'timeOffsets: {boottime: 1h}', ['4:5 needs-namespace']],
  ])('%s', (_, keys, expected) => {
    for (const section of ['services', 'onboot', 'onshutdown'] as const) {
      expect(problemsWithImages(withKeys(section, keys))).toEqual(expected);
    }
  });
});
