/**
 * Volumes, before any container: a read-only one is what the image has of it, another has a tmpfs above that.
 * What is written is gone with the machine.
 */
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { errorMessage } from '../../../sys/errno.ts';
import { MS_BIND, MS_RDONLY, MS_REMOUNT } from '../../../sys/mount-flags.ts';
import type { Sys } from '../../../sys/sys.ts';
import { type Volume, volumeLower, volumePath, volumeTmp } from '../../../supervisor/volume.ts';

/** Each for itself; throws with all that could not be mounted. @param root for tests */
export function mountVolumes(sys: Sys, volumes: readonly Volume[], root = ''): void {
  const inMemory = volumes.filter(({ onDisk }) => onDisk !== true);
  const failures = inMemory.flatMap((volume) => {
    try {
      if (volume.readonly) mountReadonly(sys, volume.name, root);
      else mountWritable(sys, volume.name, root);
      return [];
    } catch (error) {
      return [`volume ${volume.name}: ${errorMessage(error)}`];
    }
  });
  if (failures.length > 0) throw new Error(failures.join('; '));
}

function mountReadonly(sys: Sys, name: string, root: string): void {
  const target = `${root}${volumePath(name)}`;
  sys.mount(`${root}${volumeLower(name)}`, target, '', MS_BIND, '');
  sys.mount('', target, '', MS_BIND | MS_REMOUNT | MS_RDONLY, '');
}

function mountWritable(sys: Sys, name: string, root: string): void {
  const lower = `${root}${volumeLower(name)}`;
  const tmp = `${root}${volumeTmp(name)}`;
  sys.mount('tmpfs', tmp, 'tmpfs', 0, 'mode=700,size=50%');
  const [upper, work] = [`${tmp}/upper`, `${tmp}/work`];
  mkdirSync(upper);
  mkdirSync(work);
  // The root of an overlay has the owner and mode of its upper directory; mkdir's mode is masked.
  const { mode, uid, gid } = statSync(lower);
  chmodSync(upper, mode & 0o7777);
  if (uid !== 0 || gid !== 0) chownSync(upper, uid, gid);
  const data = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  sys.mount('overlay', `${root}${volumePath(name)}`, 'overlay', 0, data);
}
