import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

/** Character devices by major number (Documentation/admin-guide/devices.txt): tty and ttyS, console, ttyUSB, ttyAMA, hvc. */
const TERMINALS = [4, 5, 188, 204, 229];

/** Whoever logs in sees the machine's processes and network and may become any user, as over `sshd`. */
const SETTINGS = {
  readonly: true,
  pid: 'host',
  capabilities: [
    'CAP_CHOWN',
    'CAP_DAC_OVERRIDE',
    'CAP_FOWNER',
    'CAP_KILL',
    'CAP_SETGID',
    'CAP_SETUID',
    'CAP_SYS_TTY_CONFIG',
  ],
  tmpfs: ['/run', '/tmp'],
  binds: ['/dev:/dev', '/etc:/hostroot/etc:ro'],
  resources: {
    devices: TERMINALS.map((major) => ({ allow: true, type: 'c', major, access: 'rwm' })),
  },
};

/**
 * A login on lines that it is told, or on every console of the kernel; there `console: off` leaves them to it. The password
 * of root is that of /etc/getty.shadow on the machine; without that file nobody gets in, unless INSECURE=true lets in everybody.
 */
export const recipe: Recipe = {
  name: 'getty',
  packages: ['busybox'],
  assume: [],
  keep: ['usr/bin/busybox', ...C_LIBRARY, ...libraries('libresolv.so.2')],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks(),
    { type: 'file', path: 'etc/passwd', source: 'passwd' },
    { type: 'file', path: 'etc/group', source: 'group' },
    { type: 'symlink', path: 'etc/shadow', target: '/run/shadow' },
    { type: 'file', path: 'usr/bin/rungetty.sh', source: 'rungetty.sh', mode: 0o755 },
    { type: 'file', path: 'usr/bin/login-root', source: 'login-root.sh', mode: 0o755 },
    { type: 'directory', path: 'hostroot/etc' },
    { type: 'directory', path: 'root', mode: 0o700 },
  ],
  config: containerConfig({
    entrypoint: ['/usr/bin/rungetty.sh'],
    settings: SETTINGS,
  }),
};
