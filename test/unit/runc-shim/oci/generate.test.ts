import { assert, boolean, infiniteStream, property, subarray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CAPABILITIES } from '../../../../runc-shim/oci/capabilities.ts';
import type { ContainerSpec } from '../../../../runc-shim/oci/container-spec.ts';
import { generateSpec, processSpec } from '../../../../runc-shim/oci/generate.ts';
import { renderSpec } from '../../../../runc-shim/oci/render.ts';
import { containerSpec, DHCPCD, REDIS } from '../../../support/container-specs.ts';
import { expectGolden } from '../../../support/golden.ts';

/** Everything that a ContainerSpec can say, said. */
const STRICT = containerSpec({
  name: 'strict',
  args: ['/bin/app', '--flag', 'a b'],
  env: ['PATH=/bin', 'GREETING=a "quoted" word'],
  cwd: '/work',
  user: { uid: 100, gid: 101, additionalGids: [5, 6] },
  capabilities: ['CAP_NET_RAW', 'CAP_SYS_TIME'],
  ambient: ['CAP_NET_RAW'],
  noNewPrivileges: true,
  readonly: true,
  binds: [{ source: '/dev/rtc0', destination: '/dev/rtc0', options: ['bind', 'ro'] }],
  tmpfs: [{ destination: '/tmp', options: ['nosuid', 'size=1m'] }],
  namespaces: { net: { path: '/run/netns/a' }, ipc: 'new', uts: 'new', pid: 'new' },
  hostname: 'strict-host',
  rlimits: [
    { type: 'RLIMIT_NOFILE', soft: 1024, hard: 4096 },
    { type: 'RLIMIT_MEMLOCK', soft: 'unlimited', hard: 'unlimited' },
  ],
  resources: {
    unified: { 'memory.max': '67108864', 'cpu.max': '50000 100000' },
    blockIO: { weight: 500, throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1048576 }] },
    devices: [{ allow: true, type: 'c', major: 10, minor: 229, access: 'rw' }],
  },
});

const HOST_VIEW = containerSpec({
  name: 'host-view',
  namespaces: { net: 'host', ipc: 'host', uts: 'host', pid: 'host' },
  binds: [{ source: '/sys', destination: '/sys/', options: ['rw', 'rbind', 'rshared'] }],
});

/** What LinuxKit cannot say, and the fields that only few containers need. */
const SPECIAL = containerSpec({
  name: 'special',
  mounts: [{ destination: '/scratch', type: 'ext4', source: '/dev/vda', options: ['noatime'] }],
  namespaces: {
    net: 'new',
    ipc: 'new',
    uts: 'new',
    pid: 'new',
    user: 'new',
    cgroup: { path: '/run/ns/cgroup' },
    time: 'new',
  },
  devices: [
    { path: '/dev/kvm', type: 'c', major: 10, minor: 232, fileMode: 0o660 },
    { path: '/dev/feed', type: 'p', major: 0, minor: 0, fileMode: 0o600 },
    { path: '/dev/old', type: 'u', major: 10, minor: 1, fileMode: 0o600 },
  ],
  maskedPaths: ['/proc/kcore'],
  readonlyPaths: ['/proc/sys'],
  seccomp: { defaultAction: 'SCMP_ACT_LOG', syscalls: [] },
  apparmorProfile: 'special',
  umask: 0o27,
  sysctl: { 'net.ipv4.ip_forward': '1' },
  annotations: { owner: 'me' },
  oomScoreAdj: -500,
  rootfsPropagation: 'rshared',
  uidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
  gidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
  timeOffsets: { boottime: { secs: 86_400, nanosecs: 500_000_000 } },
});

const LINUXKIT = containerSpec({
  name: 'linuxkit',
  defaults: 'linuxkit',
  capabilities: ['CAP_NET_RAW', 'CAP_KILL'],
  ambient: ['CAP_CHOWN'],
  namespaces: { net: 'host', ipc: 'host', uts: 'host', pid: 'host' },
});

const generate = (container: ContainerSpec): ReturnType<typeof generateSpec> =>
  generateSpec(container, { cgroupsPath: `/services/${container.name}` });

/** The rendered text re-indented: a golden file is for eyes. Numbers stay as the text has them. */
function indented(text: string): string {
  const keepNumbers = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? `#${context?.source ?? ''}#` : value;
  const value: unknown = JSON.parse(text, keepNumbers);
  return `${JSON.stringify(value, null, 2).replaceAll(/"#(\d+)#"/g, '$1')}\n`;
}

describe('generateSpec() matches the golden file', () => {
  test.each([containerSpec(), DHCPCD, REDIS, STRICT, HOST_VIEW, SPECIAL, LINUXKIT])(
    'of $name',
    (container) => {
      expectGolden(`oci/${container.name}.golden`, indented(renderSpec(generate(container))));
    },
  );
});

describe('generateSpec()', () => {
  test('grants exactly the declared capabilities, in every set, whatever they are', () => {
    const some = subarray([...CAPABILITIES]);
    assert(
      property(some, infiniteStream(boolean()), (capabilities, coin) => {
        const ambient = capabilities.filter(() => coin.next().value);
        const { process } = generate(containerSpec({ capabilities, ambient }));
        const { bounding, effective, permitted, inheritable } = process.capabilities;
        for (const set of [bounding, effective, permitted, inheritable]) {
          expect(set).toEqual(capabilities);
        }
        expect(process.capabilities.ambient).toEqual(ambient);
      }),
    );
  });

  test('puts a capability that is only ambient into the other sets as well', () => {
    const spec = generate(containerSpec({ capabilities: ['CAP_KILL'], ambient: ['CAP_CHOWN'] }));
    expect(spec.process.capabilities.permitted).toEqual(['CAP_KILL', 'CAP_CHOWN']);
  });

  test('has no hostname key unless one is declared', () => {
    expect(generate(containerSpec())).not.toHaveProperty('hostname');
  });

  test.each([
    ['new', ['mount', 'pid', 'cgroup']],
    ['host', ['mount']],
    [{ path: '/proc/7/ns/pid' }, ['mount', 'pid', 'cgroup']],
  ] as const)('with pid %j has the namespaces %j', (pid, types) => {
    const { namespaces } = containerSpec();
    const { linux } = generate(containerSpec({ namespaces: { ...namespaces, pid } }));
    expect(linux.namespaces.map(({ type }) => type)).toEqual(types);
  });

  test('gives a cgroup namespace the way the container says, whatever its pid namespace', () => {
    const { namespaces } = containerSpec();
    const types = (changes: Partial<typeof namespaces>): readonly string[] =>
      generate(containerSpec({ namespaces: { ...namespaces, ...changes } })).linux.namespaces.map(
        ({ type }) => type,
      );
    expect(types({ pid: 'host', cgroup: 'new' })).toEqual(['mount', 'cgroup']);
    expect(types({ cgroup: 'host' })).toEqual(['mount', 'pid']);
  });

  test('uses the root filesystem path of the context', () => {
    const spec = generateSpec(containerSpec(), { cgroupsPath: '/a', rootfsPath: '/b' });
    expect(spec.root.path).toBe('/b');
  });
});

describe('renderSpec()', () => {
  test('writes RLIM_INFINITY digit by digit', () => {
    const text = renderSpec(generate(STRICT));
    expect(text).toContain('{"type":"RLIMIT_NOFILE","soft":1024,"hard":4096}');
    expect(text).toContain('"soft":18446744073709551615,"hard":18446744073709551615');
  });
});

test('a terminal is that of the program, and not that of a command beside it', () => {
  const container = containerSpec({ terminal: true });
  expect(generateSpec(container, { cgroupsPath: '/x' }).process).toMatchObject({
    terminal: true,
    consoleSize: { height: 24, width: 80 },
  });
  expect(processSpec(container).terminal).toBe(false);
});
