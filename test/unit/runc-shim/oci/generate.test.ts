import { assert, boolean, infiniteStream, property, subarray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CAPABILITIES } from '../../../../runc-shim/oci/capabilities.ts';
import type { ContainerSpec } from '../../../../runc-shim/oci/container-spec.ts';
import { generateSpec } from '../../../../runc-shim/oci/generate.ts';
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
  test.each([containerSpec(), DHCPCD, REDIS, STRICT, HOST_VIEW])('of $name', (container) => {
    expectGolden(`oci/${container.name}.golden`, indented(renderSpec(generate(container))));
  });
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
