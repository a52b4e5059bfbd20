import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  libraries,
  type Recipe,
} from '../../build/component/recipe.ts';

const SETTINGS = {
  readonly: true,
  // Port 80, the user that its workers become, and the folders in /tmp that it gives to that user.
  capabilities: ['CAP_NET_BIND_SERVICE', 'CAP_SETUID', 'CAP_SETGID', 'CAP_CHOWN'],
  tmpfs: ['/tmp'],
};

/**
 * The web server, in the foreground, logging to its standard streams. It serves /srv/www on port 80; what is to be
 * otherwise is said in files of `/etc/nginx/conf.d`, or in a configuration of one's own in place of nginx.conf.
 */
export const recipe: Recipe = {
  name: 'nginx',
  packages: ['nginx'],
  assume: ['adduser', 'debconf', 'init-system-helpers', 'iproute2', 'openssl-provider-legacy'],
  keep: [
    'usr/sbin/nginx',
    'etc/nginx/mime.types',
    'etc/nginx/fastcgi_params',
    'etc/nginx/proxy_params',
    ...C_LIBRARY,
    ...libraries(
      'libcrypt.so.1',
      'libcrypto.so.3',
      'libpcre2-8.so.0',
      'libssl.so.3',
      'libz.so.1',
      'libzstd.so.1',
    ),
  ],
  add: [
    ...CONTAINER_FOLDERS,
    { type: 'file', path: 'etc/passwd', source: 'passwd' },
    { type: 'file', path: 'etc/group', source: 'group' },
    { type: 'file', path: 'etc/nginx/nginx.conf', source: 'nginx.conf' },
    { type: 'directory', path: 'etc/nginx/conf.d' },
    { type: 'directory', path: 'srv/www' },
  ],
  config: containerConfig({
    entrypoint: ['nginx', '-g', 'daemon off;'],
    // What its master process takes for "finish what is being answered".
    stopSignal: 'SIGQUIT',
    settings: SETTINGS,
  }),
};
