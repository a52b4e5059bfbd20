import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  DEBIAN_SYSTEM,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';
import { appletLinks } from '../busybox/applets.ts';

/**
 * It sees the machine's processes and may become any user. Whose keys may come in as root is in
 * /etc/ssh/authorized_keys of the machine, or in that file of a folder which `binds` puts at /etc/ssh/metadata; /var/lib/sshd has
 * the machine's own keys: bind a disk there, or they are others after every boot.
 */
const SETTINGS = {
  readonly: true,
  pid: 'host',
  capabilities: [
    'CAP_CHOWN',
    'CAP_DAC_OVERRIDE',
    'CAP_FOWNER',
    'CAP_KILL',
    'CAP_NET_BIND_SERVICE',
    'CAP_SETGID',
    'CAP_SETUID',
    'CAP_SYS_CHROOT',
  ],
  tmpfs: ['/run', '/tmp'],
  binds: ['/etc/ssh/authorized_keys:/etc/ssh/authorized_keys:ro', '/var/lib/sshd:/var/lib/sshd'],
};

/**
 * OpenSSH's server, for keys only, with busybox' shell in its container. It gives what its container has: more
 * with `capabilities.add` and `binds.add`.
 */
export const recipe: Recipe = {
  name: 'sshd',
  packages: ['openssh-server', 'busybox'],
  assume: [
    ...DEBIAN_SYSTEM,
    'libpam-modules',
    'libpam-runtime',
    'lsb-base',
    'mount',
    'openssh-sftp-server',
    'passwd',
    'procps',
    'runit-helper',
    'systemd',
    'sysvinit-utils',
    'ucf',
  ],
  keep: [
    'usr/sbin/sshd',
    'usr/bin/ssh-keygen',
    'usr/lib/openssh/{sshd-auth,sshd-session}',
    'usr/bin/busybox',
    ...C_LIBRARY,
    ...libraries(
      'libaudit.so.1',
      'libcap-ng.so.0',
      'libcom_err.so.2',
      'libcrypt.so.1',
      'libcrypto.so.3',
      'libgssapi_krb5.so.2',
      'libk5crypto.so.3',
      'libkeyutils.so.1',
      'libkrb5.so.3',
      'libkrb5support.so.0',
      'libm.so.6',
      'libpam.so.0',
      'libpcre2-8.so.0',
      'libresolv.so.2',
      'libselinux.so.1',
      'libsqlite3.so.0',
      'libwrap.so.0',
      'libwtmpdb.so.0',
      'libz.so.1',
      'libzstd.so.1',
    ),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks(),
    { type: 'file', path: 'etc/passwd', source: 'passwd' },
    { type: 'file', path: 'etc/group', source: 'group' },
    { type: 'file', path: 'etc/ssh/sshd_config', source: 'sshd_config' },
    { type: 'file', path: 'usr/bin/serve-ssh', source: 'serve-ssh.sh', mode: 0o755 },
    { type: 'directory', path: 'etc/ssh/metadata' },
    { type: 'directory', path: 'root', mode: 0o700 },
    { type: 'directory', path: 'var/lib/sshd', mode: 0o700 },
  ],
  config: containerConfig({
    entrypoint: ['serve-ssh'],
    settings: SETTINGS,
  }),
};
