/**
 * The real init with a weak spot: it dies, or suffers, in the way that the file /run/fault names. Only machines of
 * tests have it; the product has no such door.
 */
import { unrefTimers } from './tapped-timers.ts';
// oxlint-disable-next-line import/no-unassigned-import -- to run it is what it is for
import '../../../init/main.ts';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createLinuxSys } from '../../../sys/linux/linux-sys.ts';

const FAULT = '/run/fault';
const INTERVAL_MS = 50;
const NO_FILES_MS = 6_000;

if (process.pid === 1) setInterval(lookForFault, INTERVAL_MS);

function lookForFault(): void {
  let fault: string;
  try {
    fault = readFileSync(FAULT, 'utf8').trim();
  } catch {
    // Nobody has asked for one yet.
    return;
  }
  if (fault === '') return;
  rmSync(FAULT);
  die(fault);
}

function die(fault: string): void {
  switch (fault) {
    case 'memory':
      exhaustMemory();
      return;
    case 'exit':
      process.exit(3);
      break;
    case 'empty-loop':
      emptyLoop();
      return;
    case 'no-files':
      refuseFiles();
      return;
    default:
      process.kill(process.pid, fault);
  }
}

function exhaustMemory(): void {
  const kept: unknown[] = [];
  for (;;) kept.push(Array(100_000).fill(0.5));
}

/** For a while no file can be opened any more, as when PID 1 had reached its limit. */
function refuseFiles(): void {
  const sys = createLinuxSys();
  const most = 1_048_576;
  sys.setLimit('nofile', readdirSync('/proc/self/fd').length - 1, most);
  setTimeout(() => sys.setLimit('nofile', most, most), NO_FILES_MS);
}

/** Takes from the loop everything that it waits for. */
function emptyLoop(): void {
  unrefTimers();
  const inner = process as unknown as { _getActiveHandles(): { unref?: () => void }[] };
  for (const handle of inner._getActiveHandles()) handle.unref?.();
}
