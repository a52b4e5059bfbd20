import {
  type Addition,
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  DEBIAN_SYSTEM,
  DEFAULT_PATH,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

const SOCKET = 'unix:///run/docker/docker.sock';

/**
 * It makes containers of its own, with whatever those are given, and their networks: there is nothing to keep from it. Its
 * processes and those of its containers are in a PID namespace, and end with it.
 */
const SETTINGS = {
  readonly: true,
  capabilities: ['all'],
  noNewPrivileges: false,
  seccomp: 'unconfined',
  maskedPaths: [],
  readonlyPaths: [],
  cgroupns: 'host',
  mounts: [{ type: 'cgroup', options: ['rw', 'nosuid', 'noexec', 'nodev'] }],
  tmpfs: ['/run', '/tmp'],
  binds: [
    '/dev:/dev',
    '/sys:/sys',
    '/lib/modules:/lib/modules:ro',
    '/etc/resolv.conf:/etc/resolv.conf',
    '/etc:/hostroot/etc:ro',
    '/var/lib/docker:/var/lib/docker',
    '/run/docker:/run/docker',
  ],
  resources: { devices: [{ allow: true, access: 'rwm' }] },
};

/** xtables-nft-multi does what the name says that it is called by. */
const IPTABLES: readonly Addition[] = ['iptables', 'ip6tables']
  .flatMap((name) => [name, `${name}-restore`, `${name}-save`])
  .map((name) => ({ type: 'symlink', path: `usr/sbin/${name}`, target: 'xtables-nft-multi' }));

/**
 * Docker: dockerd with the containerd and runc that it brings, and its client. Images and volumes are in /var/lib/docker (bind a
 * disk there), settings in /etc/docker/daemon.json, the socket is /run/docker/docker.sock of the machine.
 */
export const recipe: Recipe = {
  name: 'docker',
  packages: ['docker.io', 'docker-cli', 'containerd', 'runc', 'iptables', 'busybox'],
  assume: [...DEBIAN_SYSTEM, 'init-system-helpers', 'lsb-base', 'netbase', 'sysvinit-utils'],
  keep: [
    'usr/sbin/dockerd',
    'usr/sbin/docker-proxy',
    'usr/bin/docker',
    'usr/bin/docker-init',
    'usr/bin/tini-static',
    'usr/bin/containerd',
    'usr/bin/containerd-shim-runc-v2',
    'usr/sbin/runc',
    'usr/sbin/xtables-nft-multi',
    'usr/lib/*-linux-gnu/xtables/lib{xt,ipt,ip6t}_*.so',
    'usr/bin/busybox',
    ...C_LIBRARY,
    ...libraries(
      'libcap.so.2',
      'libgcc_s.so.1',
      'libm.so.6',
      'libmnl.so.0',
      'libnftnl.so.11',
      'libresolv.so.2',
      'libseccomp.so.2',
      'libsystemd.so.0',
      'libxtables.so.12',
    ),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks(['cat', 'grep', 'modprobe', 'mkdir', 'nc', 'sh', 'sleep']),
    ...IPTABLES,
    { type: 'file', path: 'usr/bin/run-docker', source: 'run-docker.sh', mode: 0o755 },
    { type: 'file', path: 'usr/bin/join-swarm', source: 'join-swarm.sh', mode: 0o755 },
    { type: 'directory', path: 'hostroot/etc' },
    { type: 'directory', path: 'var/lib/docker' },
    { type: 'symlink', path: 'var/run', target: '/run' },
  ],
  config: containerConfig({
    entrypoint: ['run-docker'],
    env: [DEFAULT_PATH, `DOCKER_HOST=${SOCKET}`],
    settings: SETTINGS,
  }),
};
