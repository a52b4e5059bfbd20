/**
 * Where the binary begins. As PID 1 it is the machine's init; under any other pid it does nothing but
 * the applet it is asked for, so that a run on a workstation is harmless.
 */
import { runApplet } from '../supervisor/applets/run-applet.ts';
import { runMachine } from './machine.ts';

if (process.pid === 1) {
  runMachine();
} else {
  void runAsApplet(process.argv.slice(2));
}

async function runAsApplet(args: readonly string[]): Promise<void> {
  const applet = runApplet(args);
  if (applet === undefined) {
    process.stderr.write(
      'ishmael: this is an init, it only runs as process 1. Nothing was done.\n',
    );
    process.exitCode = 2;
    return;
  }
  process.exitCode = await applet;
}
