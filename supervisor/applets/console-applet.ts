/** `console DEVICE`: the process that PID 1 starts for each terminal. */
import { runConsole } from '../console/run-console.ts';

/** Exit codes: 0 when the terminal is gone or never was, 2 when there is no device to open. */
export async function consoleApplet(args: readonly string[]): Promise<number> {
  const [device, ...more] = args;
  if (device === undefined || more.length > 0) {
    process.stderr.write('Usage: console DEVICE\n');
    return 2;
  }
  await runConsole(device);
  return 0;
}
