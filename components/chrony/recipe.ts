import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';

/** It sets the clock, and is otherwise nobody: the control socket of `chronyc` is in /run/chrony. */
const SETTINGS = {
  readonly: true,
  capabilities: [
    'CAP_SYS_TIME',
    // Port 123, where it is a server too, and the user that it becomes.
    'CAP_NET_BIND_SERVICE',
    'CAP_SETUID',
    'CAP_SETGID',
    'CAP_CHOWN',
    'CAP_DAC_OVERRIDE',
  ],
  tmpfs: ['/run', '/var/lib/chrony'],
};

/** The NTP client and server. Which servers it asks is in /etc/chrony/chrony.conf: Debian's pool, unless the YAML says otherwise. */
export const recipe: Recipe = {
  name: 'chrony',
  packages: ['chrony'],
  assume: [
    'adduser',
    'debconf',
    'init-system-helpers',
    'iproute2',
    'tzdata-legacy',
    'ucf',
    'openssl-provider-legacy',
  ],
  keep: [
    'usr/sbin/chronyd',
    'usr/bin/chronyc',
    ...C_LIBRARY,
    ...libraries(
      'libbsd.so.0',
      'libcap.so.2',
      'libedit.so.2',
      'libffi.so.8',
      'libgmp.so.10',
      'libgnutls.so.30',
      'libhogweed.so.6',
      'libidn2.so.0',
      'libm.so.6',
      'libmd.so.0',
      'libnettle.so.8',
      'libp11-kit.so.0',
      'libseccomp.so.2',
      'libtasn1.so.6',
      'libtinfo.so.6',
      'libunistring.so.5',
    ),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    { type: 'file', path: 'etc/passwd', source: 'passwd' },
    { type: 'file', path: 'etc/group', source: 'group' },
    { type: 'file', path: 'etc/chrony/chrony.conf', source: 'chrony.conf' },
    { type: 'directory', path: 'var/lib/chrony' },
  ],
  config: containerConfig({
    entrypoint: ['chronyd', '-d'],
    settings: SETTINGS,
  }),
};
