import { existsSync } from 'node:fs';
import type { Manifest } from '../../supervisor/manifest.ts';

const PROGRAM = '/usr/bin/memlogd';
const SOCKETS = ['linuxkit-external-logging.sock', 'memlogdq.sock'];
/** What LinuxKit's logwrite binds, and hardly anybody else. */
const DIRECTORY = '/var/run';

/** Whether an image of LinuxKit's builder has memlogd among its init images, or a container that looks for its sockets. */
export function wantsMemlogd({ from, ...manifest }: Manifest, root = ''): boolean {
  if (from !== 'linuxkit') return false;
  if (existsSync(`${root}${PROGRAM}`)) return true;
  const containers = [...manifest.onboot, ...manifest.services, ...manifest.onshutdown];
  return containers
    .flatMap(({ binds }) => binds)
    .some(
      ({ source }) => source === DIRECTORY || SOCKETS.some((name) => source.endsWith(`/${name}`)),
    );
}
