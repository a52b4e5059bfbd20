/**
 * Where name servers go on a machine with a read-only root. The root's /etc/resolv.conf is a link to
 * RESOLV_CONF in /run (the builder makes it); a DHCP client writes there, and every service that binds
 * /etc/resolv.conf sees it, because the file exists from the start and is only ever written in place.
 *
 * Two habits meet here: LinuxKit's present DHCP client writes to /run/resolvconf, that of 2017 bound
 * /tmp/etc over its /etc. The link makes them one directory.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';

export const RESOLV_CONF = '/run/resolvconf/resolv.conf';

export function makeResolvConf(root: string): undefined {
  mkdirSync(`${root}/run/resolvconf`, { recursive: true });
  writeFileSync(`${root}${RESOLV_CONF}`, '', { mode: 0o644 });
  symlinkSync('../run/resolvconf', `${root}/tmp/etc`);
}
