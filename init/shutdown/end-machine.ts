/**
 * The last steps of a machine, after its services have stopped: everything else is killed, what is
 * written is synced, filesystems are unmounted, and the kernel is told. The only caller of reboot(2).
 */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { signalNumber } from '../../sys/exit.ts';
import { MNT_DETACH, MS_RDONLY, MS_REMOUNT } from '../../sys/mount-flags.ts';
import { parseMountinfo } from '../../sys/mount/mountinfo.ts';
import type { RebootCommand, Sys } from '../../sys/sys.ts';
import type { Watchdog } from '../watchdog.ts';
import { unmountOrder } from './unmount-order.ts';

/**
 * For the consoles to write what they were told last; at 9600 baud that is a few lines. In slices, because a
 * virtual machine that its host stopped for a while finds a timer over that nobody had the use of.
 */
const LAST_WORDS_MS = 300;
const SLICE_MS = 50;
/** For killed processes to be gone, so that their files can be unmounted. */
const KILL_MS = 100;

export async function endMachine(
  sys: Sys,
  end: RebootCommand,
  tell: (severity: 'info' | 'error', text: string) => void,
  watchdog: Pick<Watchdog, 'beginEnd' | 'release'>,
): Promise<void> {
  // Armed to the last: a sync or unmount that hangs ends in a reset.
  watchdog.beginEnd();
  tell('info', FAREWELL[end]);
  for (let ms = 0; ms < LAST_WORDS_MS; ms += SLICE_MS) await delay(SLICE_MS);
  killEverything(sys, tell);
  await delay(KILL_MS);
  sys.sync();
  unmountAll(sys, tell);
  sys.sync();
  if (end !== 'reboot') watchdog.release();
  try {
    sys.reboot(end);
  } catch (error) {
    tell('error', errorMessage(error));
  }
  // reboot(2) came back. The kernel's emergency hand asks nothing and nobody (sysrq.rst: o, b).
  writeFileSync('/proc/sysrq-trigger', end === 'reboot' ? 'b' : 'o');
}

const FAREWELL: Record<RebootCommand, string> = {
  poweroff: 'power off',
  reboot: 'restarting',
  halt: 'halted',
};

/** Every process but ourselves and the kernel's own threads, which have no executable. */
function killEverything(sys: Sys, tell: (severity: 'error', text: string) => void): void {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid <= 1) continue;
    try {
      readlinkSync(`/proc/${pid}/exe`);
      sys.kill(pid, signalNumber('SIGKILL') ?? 9);
    } catch (error) {
      const code = errnoCode(error);
      if (code !== 'ENOENT' && code !== 'ESRCH') tell('error', errorMessage(error));
    }
  }
}

/** Newest first; what cannot be unmounted is made read-only, so that its data is whole. */
function unmountAll(sys: Sys, tell: (severity: 'error', text: string) => void): void {
  const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
  for (const { target, fstype, persistent } of unmountOrder(mounts)) {
    try {
      sys.umount(target, persistent ? 0 : MNT_DETACH);
    } catch {
      // Busy: something of ours still uses it. Read-only is what matters then.
      try {
        sys.mount('', target, '', MS_REMOUNT | MS_RDONLY, '');
      } catch (error) {
        if (persistent) tell('error', `${fstype} at ${target}: ${errorMessage(error)}`);
      }
    }
  }
}
