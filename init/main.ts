/**
 * Where the binary begins. As PID 1 it is the machine's init; under any other pid, and as the first process of a
 * container, it does nothing but the applet it is asked for, so that a run on a workstation is harmless.
 */
import { readlinkSync } from 'node:fs';
import { runApplet, wordsOf } from '../supervisor/applets/run-applet.ts';
import { isMachineInit } from './is-machine-init.ts';
import { runMachine } from './machine.ts';

/** Six for reads of logs, which may stand, and three for all else (supervisor/log/stream-reader.ts). */
const POOL_THREADS = 9;

if (isMachineInit(process.pid, () => readlinkSync('/proc/self/ns/pid'))) {
  // Read by libuv when the pool is first used, and by nobody whom we start: they get an environment of their own.
  process.env['UV_THREADPOOL_SIZE'] = String(POOL_THREADS);
  runMachine();
} else {
  void runAsApplet(wordsOf(process.argv0, process.argv.slice(2)));
}

async function runAsApplet(args: readonly string[]): Promise<void> {
  const applet = runApplet(args);
  if (applet === undefined) {
    process.stderr.write(
      'ishmael: this is an init, it only runs as process 1 of a machine. Nothing was done.\n',
    );
    process.exitCode = 2;
    return;
  }
  process.exitCode = await applet;
}
