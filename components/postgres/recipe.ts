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
 * It begins as root to make its directory its own, and goes on as `postgres`. What it keeps is in
 * /var/lib/postgresql: bind a disk there.
 */
const SETTINGS = {
  readonly: true,
  capabilities: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_SETGID', 'CAP_SETUID'],
  tmpfs: ['/run', '/tmp'],
  binds: ['/var/lib/postgresql:/var/lib/postgresql'],
};

/**
 * The PostgreSQL server, on its port for users with a password; on its socket in /run/postgresql `postgres` needs none.
 * `POSTGRES_PASSWORD` or, better, a file that `POSTGRES_PASSWORD_FILE` names, is the password of `postgres` in a new cluster;
 * without one nobody can come in over the network. Large because of the Unicode tables of ICU (37.9 MB).
 */
export const recipe: Recipe = {
  name: 'postgres',
  packages: ['postgresql-17', 'tzdata', 'busybox'],
  assume: [
    ...DEBIAN_SYSTEM,
    'postgresql-common',
    'postgresql-common-dev',
    'postgresql-client-common',
    'ssl-cert',
    'locales',
    // Its compiler of queries, another 120 MB.
    'libllvm19',
    'libz3-4',
  ],
  keep: [
    'usr/lib/postgresql/17/bin/{postgres,initdb,pg_ctl,psql,pg_dump,pg_restore,pg_isready}',
    'usr/lib/postgresql/17/lib/{plpgsql,dict_snowball,pgoutput,libpqwalreceiver,*_and_*,euc*}.so',
    'usr/lib/postgresql/17/lib/{btree_gin,btree_gist,citext,hstore,pgcrypto,pg_stat_statements,pg_trgm}.so',
    'usr/share/postgresql/17/**',
    'usr/share/zoneinfo/**',
    'usr/bin/busybox',
    ...C_LIBRARY,
    ...libraries(
      'libaudit.so.1',
      'libcap-ng.so.0',
      'libcap.so.2',
      'libcom_err.so.2',
      'libcrypto.so.3',
      'libgcc_s.so.1',
      'libgssapi_krb5.so.2',
      'libicudata.so.76',
      'libicui18n.so.76',
      'libicuuc.so.76',
      'libk5crypto.so.3',
      'libkeyutils.so.1',
      'libkrb5.so.3',
      'libkrb5support.so.0',
      'liblber.so.2',
      'libldap.so.2',
      'liblz4.so.1',
      'liblzma.so.5',
      'libm.so.6',
      'libpam.so.0',
      'libpq.so.5',
      'libreadline.so.8',
      'libresolv.so.2',
      'libsasl2.so.2',
      'libssl.so.3',
      'libstdc++.so.6',
      'libsystemd.so.0',
      'libtinfo.so.6',
      'libxml2.so.2',
      'libxxhash.so.0',
      'libz.so.1',
      'libzstd.so.1',
    ),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    ...appletLinks([
      'cat',
      'chmod',
      'chown',
      'echo',
      'mkdir',
      'mv',
      'rm',
      'sh',
      'sleep',
      'start-stop-daemon',
    ]),
    { type: 'file', path: 'etc/passwd', source: 'passwd' },
    { type: 'file', path: 'etc/group', source: 'group' },
    { type: 'file', path: 'usr/bin/serve-postgres', source: 'serve-postgres.sh', mode: 0o755 },
    { type: 'directory', path: 'var/lib/postgresql' },
  ],
  config: containerConfig({
    entrypoint: ['serve-postgres'],
    env: ['PATH=/usr/lib/postgresql/17/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    // "Fast": clients are disconnected, and everything is written.
    stopSignal: 'SIGINT',
    settings: SETTINGS,
  }),
};
