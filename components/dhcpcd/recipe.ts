import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';

/** `/tmp/etc` is where the machine's resolv.conf is, as in LinuxKit; in `/var/lib/dhcpcd` are its leases. */
const SETTINGS = {
  capabilities: ['CAP_NET_ADMIN', 'CAP_NET_BIND_SERVICE', 'CAP_NET_RAW'],
  binds: ['/var:/var', '/tmp/etc:/etc'],
};

/**
 * The DHCP client. Its settings are at the root of the image and not in /etc, which the
 * machine may bind over so that the resolv.conf written there reaches every service.
 */
export const recipe: Recipe = {
  name: 'dhcpcd',
  packages: ['dhcpcd-base', 'dash'],
  // A user for privilege separation, which the declared capabilities do not allow anyway; udev; what
  // installs a shell on a Debian system.
  assume: ['adduser', 'debconf', 'debianutils', 'dpkg', 'libudev1', 'openssl-provider-legacy'],
  keep: [
    'usr/sbin/dhcpcd',
    // The hook needs a shell's builtins and no more: a seventh of busybox with its library.
    'usr/bin/dash',
    ...C_LIBRARY,
    ...libraries('libcrypto.so.3', 'libz.so.1', 'libzstd.so.1'),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    { type: 'directory', path: 'var/lib/dhcpcd', mode: 0o755 },
    { type: 'file', path: 'dhcpcd.conf', source: 'dhcpcd.conf' },
    { type: 'file', path: 'dhcpcd-hook', source: 'dhcpcd-hook.sh', mode: 0o755 },
    { type: 'symlink', path: 'usr/bin/sh', target: 'dash' },
  ],
  config: containerConfig({
    entrypoint: ['/sbin/dhcpcd', '--nobackground', '--config', '/dhcpcd.conf'],
    settings: SETTINGS,
  }),
};
