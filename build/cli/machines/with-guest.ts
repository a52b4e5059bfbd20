/** From a machine's name to a guest that answers. */
import { setTimeout as delay } from 'node:timers/promises';
import type { MachineInfo, UnitStatus } from '../../../supervisor/control/api.ts';
import {
  type ControlClient,
  connectOverUnixSocket,
  ControlError,
} from '../../../supervisor/control/client.ts';
import { MachineError } from '../../machine/machine-error.ts';
import { socketPaths } from '../../machine/machine-paths.ts';
import type { MachineRecord } from '../../machine/machine-record.ts';
import { findMachine, findRunning } from '../../machine/machine-registry.ts';
import { readCount } from '../parse-options.ts';
import { note } from './screen.ts';

export interface Guest {
  readonly record: MachineRecord;
  /** As it was when the guest first answered. */
  readonly machine: MachineInfo;
  readonly client: ControlClient;
}

/** Options of every command that asks a guest. */
export const GUEST_OPTIONS = {
  json: { type: 'boolean', default: false },
  timeout: { type: 'string', default: '60' },
} as const;

export const GUEST_HELP = `  --json            machine-readable, see docs/cli.md
  --timeout SECONDS how long a machine that boots may take to answer (default: 60)`;

/** After this the person is told what the command waits for. */
const SILENCE_MS = 2_000;

/** Throws `MachineError`: `unknown`, `ended` or `no-answer`; and whatever `work` throws. */
export async function withGuest<T>(
  name: string,
  timeout: string,
  work: (guest: Guest) => Promise<T>,
): Promise<T> {
  const timeoutMs = readCount('--timeout', timeout, 1) * 1000;
  const record = await findRunning(name);
  const client = connectOverUnixSocket(socketPaths(record.sockets).api, { timeoutMs });
  const hint = setTimeout(() => note(`waiting for "${name}" to answer`), SILENCE_MS);
  try {
    const machine = await firstAnswer(client, name, timeoutMs);
    clearTimeout(hint);
    return await work({ record, machine, client });
  } catch (error) {
    throw await whyNot(name, error);
  } finally {
    clearTimeout(hint);
  }
}

const RETRY_MS = 200;

/** Asks until the guest answers: its PID 1 may not be there yet, or be about to execute itself again. */
async function firstAnswer(
  client: ControlClient,
  name: string,
  limitMs: number,
): Promise<MachineInfo> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    try {
      return await client.get<MachineInfo>('/v1/machine');
    } catch (error) {
      if (!isSilence(error)) throw error;
      // A keeper that is gone does not come back; one that starts QEMU does not listen yet.
      const isHopeless = error.code === 'unreachable' && !(await isStarting(name));
      if (isHopeless || performance.now() > deadline) throw error;
      await delay(RETRY_MS);
    }
  }
}

async function isStarting(name: string): Promise<boolean> {
  return (await findMachine(name)).state === 'starting';
}

function isSilence(error: unknown): error is ControlError {
  return error instanceof ControlError && SILENCE.includes(error.code);
}

/** `internal` is what the bridge says when nobody listens behind it. */
const SILENCE: readonly string[] = ['unreachable', 'timed-out', 'internal'];

/** A connection that failed says little; what has become of the machine says more. */
async function whyNot(name: string, error: unknown): Promise<unknown> {
  if (!isSilence(error)) return error;
  try {
    await findRunning(name);
  } catch (gone) {
    return gone;
  }
  const message = `Machine "${name}" does not answer (${error.message}); "ishmael console ${name} --log" shows what it said`;
  return new MachineError('no-answer', message, { cause: error });
}

export async function unitsOf({ client }: Guest): Promise<readonly UnitStatus[]> {
  return client.get<readonly UnitStatus[]>('/v1/services');
}
