import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

/**
 * The port is a character device whose number nobody knows before. "Shut down" is a signal to PID 1, as busybox' poweroff
 * gives it.
 */
const SETTINGS = {
  readonly: true,
  pid: 'host',
  capabilities: ['CAP_KILL'],
  binds: ['/dev:/dev'],
  tmpfs: ['/run', '/tmp'],
  resources: { devices: [{ allow: true, type: 'c' }] },
};

/**
 * What a hypervisor asks a guest through the virtio port `org.qemu.guest_agent.0`: is it alive, what are its addresses, shut down.
 * Commands that would need more than it has (freezing file systems, running programs, writing files) fail, unless its
 * container is given that.
 */
export const recipe: Recipe = {
  name: 'qemu-guest-agent',
  packages: ['qemu-guest-agent', 'busybox'],
  assume: ['adduser', 'debconf', 'init-system-helpers'],
  keep: [
    'usr/sbin/qemu-ga',
    'usr/bin/busybox',
    ...C_LIBRARY,
    ...libraries(
      'libatomic.so.1',
      'libcap.so.2',
      'libglib-2.0.so.0',
      'libgmodule-2.0.so.0',
      'libm.so.6',
      'libnuma.so.1',
      'libpcre2-8.so.0',
      'libresolv.so.2',
      'libudev.so.1',
      'liburing.so.2',
    ),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks(['cat', 'kill', 'sh']),
    { type: 'file', path: 'usr/bin/guest-agent', source: 'guest-agent.sh', mode: 0o755 },
    { type: 'file', path: 'usr/sbin/shutdown', source: 'shutdown.sh', mode: 0o755 },
  ],
  config: containerConfig({
    entrypoint: ['guest-agent'],
    settings: SETTINGS,
  }),
};
