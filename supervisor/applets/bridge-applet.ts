/** `bridge`: the process that PID 1 starts where the machine has a port to its host. */
import { errorMessage } from '../../sys/errno.ts';
import { runBridge } from '../bridge/run-bridge.ts';

/** Exit codes: 0 when the machine has no such port, 1 when the port failed or another process has it. */
export async function bridgeApplet(): Promise<number> {
  try {
    await runBridge();
    return 0;
  } catch (error) {
    process.stderr.write(`The port to the host failed: ${errorMessage(error)}\n`);
    return 1;
  }
}
