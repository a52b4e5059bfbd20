/**
 * Orders to QEMU about its machine, over the machine's monitor (QMP, docs/interop/qmp-spec.txt): JSON
 * objects, one a line. QEMU greets, capabilities are agreed on, and each order is answered by a `return`
 * or an `error`; events in between are nobody's answer.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { VmError } from './vm-error.ts';

const PATIENCE_MS = 10_000;

/** An order as QMP has it. */
export interface MonitorOrder {
  readonly execute: string;
  readonly arguments?: object;
}

export const POWER_BUTTON: MonitorOrder = { execute: 'system_powerdown' };

/** The three keys at once, on the machine's own keyboard. */
export const CTRL_ALT_DEL: MonitorOrder = {
  execute: 'send-key',
  arguments: { keys: ['ctrl', 'alt', 'delete'].map((data) => ({ type: 'qcode', data })) },
};

/** Resolves when QEMU has taken the order. Throws `VmError`. */
export async function orderMachine(monitorSocket: string, order: MonitorOrder): Promise<void> {
  const socket = connect(monitorSocket);
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'connect');
    const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
    for (const each of [{ execute: 'qmp_capabilities' }, order]) {
      socket.write(`${JSON.stringify(each)}\n`);
      await answerTo(each.execute, answers);
    }
  } catch (error) {
    if (error instanceof VmError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new VmError('monitor', `Cannot order ${order.execute}: ${reason}`, { cause: error });
  } finally {
    socket.destroy();
  }
}

async function answerTo(order: string, lines: AsyncIterator<string, unknown>): Promise<void> {
  for (;;) {
    const next = await lines.next();
    if (next.done === true) throw new VmError('monitor', `QEMU has ended during ${order}`);
    const message = JSON.parse(next.value) as { readonly return?: object; readonly error?: object };
    if (message.return !== undefined) return;
    if (message.error !== undefined) {
      throw new VmError('monitor', `QEMU refuses ${order}: ${next.value}`);
    }
  }
}
