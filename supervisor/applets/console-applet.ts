/** `console DEVICE`: the process that PID 1 starts for each terminal. */
import { errorMessage } from '../../sys/errno.ts';
import { readPolicy } from '../console/read-policy.ts';
import { runConsole } from '../console/run-console.ts';

/** Exit codes: 0 when the terminal is gone or never was, 1 when it
 * cannot be opened, 2 for wrong usage. */
export async function consoleApplet(args: readonly string[]): Promise<number> {
  const [device, ...more] = args;
  if (device === undefined || more.length > 0) {
    process.stderr.write('Usage: console DEVICE\n');
    return 2;
  }
  try {
    await runConsole(device, readPolicy());
    return 0;
  } catch (error) {
    process.stderr.write(`Cannot be a console on ${device}: ${errorMessage(error)}\n`);
    return 1;
  }
}
