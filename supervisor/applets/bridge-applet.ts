/** `bridge`: the process that PID 1 starts where the machine has a port to its host. */
import { errorMessage } from '../../sys/errno.ts';
import { runBridge } from '../bridge/run-bridge.ts';

/**
 * `bridge [FD]`, FD being the port if it is open already. Exit codes: 0 when the host has gone or the
 * machine has no such port, 1 when the port failed or another process has it.
 */
export async function bridgeApplet([fd]: readonly string[]): Promise<number> {
  try {
    await runBridge(fd === undefined ? undefined : Number(fd));
    return 0;
  } catch (error) {
    process.stderr.write(`The port to the host failed: ${errorMessage(error)}\n`);
    return 1;
  }
}
