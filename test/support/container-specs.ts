/** ContainerSpecs for tests: a plain one to change, and those of the example machine. */
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';

/** A container with LinuxKit's defaults and nothing declared, changed by `changes`. */
export function containerSpec(changes: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    name: 'plain',
    image: 'test/plain',
    rootfs: '/containers/plain',
    args: ['/bin/true'],
    env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
    cwd: '/',
    user: { uid: 0, gid: 0, additionalGids: [] },
    capabilities: [],
    ambient: [],
    noNewPrivileges: false,
    readonly: false,
    binds: [],
    tmpfs: [],
    namespaces: { net: 'host', ipc: 'host', uts: 'host', pid: 'new' },
    rlimits: [],
    ...changes,
  };
}

/** The services of examples/redis.yml, as the builder compiles them. */
export const DHCPCD: ContainerSpec = containerSpec({
  name: 'dhcpcd',
  image: 'ishmael/dhcpcd',
  rootfs: '/containers/dhcpcd',
  args: ['/usr/sbin/dhcpcd', '--nobackground'],
  capabilities: ['CAP_NET_ADMIN', 'CAP_NET_BIND_SERVICE', 'CAP_NET_RAW'],
  binds: [
    { source: '/var', destination: '/var', options: ['rw', 'rbind', 'rshared'] },
    { source: '/tmp/etc', destination: '/etc', options: ['rw', 'rbind', 'rshared'] },
  ],
});

export const REDIS: ContainerSpec = containerSpec({
  name: 'redis',
  image: 'ishmael/redis',
  rootfs: '/containers/redis',
  args: ['/usr/bin/redis-server', '/etc/redis/redis.conf'],
  cwd: '/data',
  capabilities: [
    'CAP_NET_BIND_SERVICE',
    'CAP_CHOWN',
    'CAP_SETUID',
    'CAP_SETGID',
    'CAP_DAC_OVERRIDE',
  ],
});
