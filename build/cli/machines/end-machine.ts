/** Ways to end a machine that another process keeps. */
import { setTimeout as delay } from 'node:timers/promises';
import { connectOverUnixSocket, ControlError } from '../../../supervisor/control/client.ts';
import { MachineError } from '../../machine/machine-error.ts';
import { socketPaths } from '../../machine/machine-paths.ts';
import type { MachineEnd, MachineRecord } from '../../machine/machine-record.ts';
import { findMachine } from '../../machine/machine-registry.ts';
import { isAlive } from '../../machine/process-identity.ts';

const POLL_MS = 50;
const GUEST_ANSWER_MS = 3_000;
const KEEPER_ANSWER_MS = 5_000;

/** Asks the guest, and where it does not answer presses the power button. Whether either was taken. */
export async function askToPowerOff(record: MachineRecord): Promise<boolean> {
  const guest = connectOverUnixSocket(socketPaths(record.sockets).api, {
    timeoutMs: GUEST_ANSWER_MS,
  });
  return (await accepted(guest.post('/v1/poweroff'))) || accepted(guest.post('/host/power-button'));
}

/**
 * Ends QEMU at once. Where its keeper does not do it, the keeper itself is killed, and QEMU with it; but only
 * if the process with its number is still the one that was written down.
 */
export async function killMachine(record: MachineRecord): Promise<MachineEnd> {
  const keeper = connectOverUnixSocket(socketPaths(record.sockets).api, {
    timeoutMs: KEEPER_ANSWER_MS,
  });
  if (await accepted(keeper.post('/host/kill'))) {
    const end = await waitForEnd(record, KEEPER_ANSWER_MS);
    if (end !== undefined) return end;
  }
  // Not the one that has the number now.
  if (await isAlive(record.keeper)) process.kill(record.keeper.pid, 'SIGKILL');
  const end = await waitForEnd(record, KEEPER_ANSWER_MS);
  if (end !== undefined) return end;
  throw new MachineError('no-answer', `Machine "${record.name}" cannot be killed`);
}

/** `undefined` when it still runs after `limitMs`. */
export async function waitForEnd(
  record: MachineRecord,
  limitMs: number,
): Promise<MachineEnd | undefined> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const end = await endOf(record);
    if (end !== undefined || performance.now() > deadline) return end;
    await delay(POLL_MS);
  }
}

async function endOf({
  name,
  keeper,
  startedAtMs,
}: MachineRecord): Promise<MachineEnd | undefined> {
  const gone: MachineEnd = { atMs: startedAtMs, kind: 'off', text: 'gone' };
  try {
    const { record, end } = await findMachine(name);
    // Another machine has the name already.
    return record.keeper.startTicks === keeper.startTicks ? end : gone;
  } catch (error) {
    if (error instanceof MachineError && error.code === 'unknown') return gone;
    throw error;
  }
}

async function accepted(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (error instanceof ControlError) return false;
    throw error;
  }
}
