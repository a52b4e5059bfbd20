import {
  C_LIBRARY,
  CONTAINER_FOLDERS,
  DEFAULT_PATH,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';

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
  config: {
    entrypoint: ['/sbin/dhcpcd', '--nobackground', '--config', '/dhcpcd.conf'],
    cmd: [],
    env: [DEFAULT_PATH],
    workingDir: '',
    stopSignal: '',
    labels: {},
  },
};
