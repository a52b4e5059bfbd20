/**
 * `exec-helper`: the process that PID 1 starts for each exec. Standard input has its order (exec/exec-order.ts), and
 * descriptor 3 is the client's connection, which PID 1 has forgotten by now: so it may die meanwhile.
 */
import { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseExact } from '../../runc-shim/oci/parse-exact.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import { EXEC_PROTOCOL } from '../exec/exec-shapes.ts';
import { type ExecOrder, SESSION_DIR } from '../exec/exec-order.ts';
import { runtimeRunner } from '../exec/run-runtime.ts';
import { serveExec } from '../exec/session.ts';

const SWITCHING = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${EXEC_PROTOCOL}\r\n\r\n`;

/** Exit code 0 when the exec is over, however the command ended, 2 for wrong usage. */
export async function execHelperApplet(args: readonly string[]): Promise<number> {
  if (args.length > 0) {
    process.stderr.write('Usage: exec-helper, started by process 1\n');
    return 2;
  }
  const order = parseExact(await text(process.stdin)) as ExecOrder;
  const sys = createLinuxSys();
  sys.adoptOrphans();
  const connection = new Socket({ fd: 3, allowHalfOpen: true });
  // Only now: what the client says next is ours to read, and PID 1 has not answered in our place.
  connection.write(SWITCHING);
  const common = { sys, runner: runtimeRunner, dir: SESSION_DIR };
  if ('update' in order) {
    await serveExec({ ...common, binary: '', root: '' }, { machine: order }, connection);
  } else {
    const { id, pid, process: command, binary, stateDir } = order;
    const context = { ...common, binary, root: stateDir };
    await serveExec(context, { id, pid, process: command }, connection);
  }
  connection.destroy();
  return 0;
}
