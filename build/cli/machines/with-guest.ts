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
import { findMachine, findRunning } from '../../machine/machine-registry.ts';
import { isRemote, openSshTunnel } from '../../machine/ssh-tunnel.ts';
import { readCount } from '../parse-options.ts';
import { note } from './screen.ts';

export interface Guest {
  /** As the person has called it. */
  readonly name: string;
  /** The control API, over HTTP/1.1. */
  readonly socketPath: string;
  /** As it was when the guest first answered. */
  readonly machine: MachineInfo;
  readonly client: ControlClient;
  /** A sentence, when the machine or the way to it is gone for good. */
  readonly whatEnded: () => Promise<string | undefined>;
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

/**
 * @param name of a machine of this computer, or where another one is (ssh-tunnel.ts)
 * Throws `MachineError`: `unknown`, `ended` or `no-answer`; and whatever `work` throws.
 */
export async function withGuest<T>(
  name: string,
  timeout: string,
  work: (guest: Guest) => Promise<T>,
): Promise<T> {
  const timeoutMs = readCount('--timeout', timeout, 1) * 1000;
  const hint = setTimeout(() => note(`waiting for "${name}" to answer`), SILENCE_MS);
  try {
    const connection = await (isRemote(name) ? remote(name, timeoutMs) : local(name));
    try {
      const { socketPath } = connection;
      const client = connectOverUnixSocket(socketPath, { timeoutMs });
      const machine = await firstAnswer(client, connection, timeoutMs);
      clearTimeout(hint);
      return await work({ name, socketPath, machine, client, whatEnded: connection.whatEnded });
    } catch (error) {
      throw isSilence(error) ? await connection.whySilent(error) : error;
    } finally {
      await connection.close();
    }
  } finally {
    clearTimeout(hint);
  }
}

/** A way to a machine. */
interface Connection {
  readonly socketPath: string;
  /** Whether a socket that nobody serves may yet be served. */
  readonly isStarting: () => Promise<boolean>;
  readonly whatEnded: Guest['whatEnded'];
  /** A connection that failed says little; what has become of the machine, or of the way to it, says more. */
  readonly whySilent: (error: ControlError) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

async function local(name: string): Promise<Connection> {
  const record = await findRunning(name);
  return {
    socketPath: socketPaths(record.sockets).api,
    isStarting: async () => (await findMachine(name)).state === 'starting',
    whatEnded: async () => {
      const { state, end } = await findMachine(name);
      return state === 'ended' ? `the machine has ended: ${end?.text ?? 'lost'}` : undefined;
    },
    whySilent: async (error) => {
      try {
        await findRunning(name);
      } catch (gone) {
        return gone;
      }
      const message = `Machine "${name}" does not answer (${error.message}); "ishmael console ${name} --log" shows what it said`;
      return new MachineError('no-answer', message, { cause: error });
    },
    close: async () => {},
  };
}

async function remote(name: string, timeoutMs: number): Promise<Connection> {
  const tunnel = await openSshTunnel(name, timeoutMs);
  return {
    socketPath: tunnel.socketPath,
    // PID 1 serves the API before there are services, and an SSH server is one.
    isStarting: () => Promise.resolve(false),
    whatEnded: () =>
      Promise.resolve(tunnel.isOpen() ? undefined : `lost: ${tunnel.lastWords() ?? name}`),
    whySilent: (error) => {
      const why = tunnel.lastWords() ?? error.message;
      const message = `"${name}" lets in, but its control socket does not answer: ${why}`;
      return Promise.resolve(new MachineError('no-answer', message, { cause: error }));
    },
    close: tunnel.close,
  };
}

const RETRY_MS = 200;

/** Asks until the guest answers: its PID 1 may not be there yet, or be about to execute itself again. */
async function firstAnswer(
  client: ControlClient,
  { isStarting }: Connection,
  limitMs: number,
): Promise<MachineInfo> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    try {
      return await client.get<MachineInfo>('/v1/machine');
    } catch (error) {
      if (!isSilence(error)) throw error;
      // A keeper that is gone does not come back; one that starts QEMU does not listen yet.
      const isHopeless = error.code === 'unreachable' && !(await isStarting());
      if (isHopeless || performance.now() > deadline) throw error;
      await delay(RETRY_MS);
    }
  }
}

function isSilence(error: unknown): error is ControlError {
  return error instanceof ControlError && SILENCE.includes(error.code);
}

/** `internal` is what the bridge says when nobody listens behind it. */
const SILENCE: readonly string[] = ['unreachable', 'timed-out', 'internal'];

export async function unitsOf({ client }: Guest): Promise<readonly UnitStatus[]> {
  return client.get<readonly UnitStatus[]>('/v1/services');
}
