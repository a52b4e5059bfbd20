/**
 * The control API of a machine that is not on this computer: its unix socket, brought here by ssh(1). Who may come in, and how it is
 * known that the machine is the one that is meant, is SSH's business, with the settings and keys of whoever asks.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CONTROL_SOCKET } from '../../supervisor/control/api.ts';
import { printable } from '../../supervisor/view/printable.ts';
import { type HostTool, requireTools } from '../host-tools.ts';
import { MachineError } from './machine-error.ts';

const SSH: HostTool = {
  command: 'ssh',
  package: 'openssh-client',
  why: 'reach a machine on another computer',
};
const POLL_MS = 50;

export interface SshTunnel {
  readonly socketPath: string;
  /** The last that ssh has said: `undefined` for nothing. */
  readonly lastWords: () => string | undefined;
  /** Whether ssh still runs. */
  readonly isOpen: () => boolean;
  readonly close: () => Promise<void>;
}

/** Whether a machine is named by where it is: `ssh://[USER@]HOST[:PORT]`, as ssh(1) takes it. */
export function isRemote(name: string): boolean {
  return name.startsWith('ssh://');
}

/** Rejects with `MachineError` `no-answer`, in ssh's words, and with `MissingToolError`. */
export async function openSshTunnel(destination: string, limitMs: number): Promise<SshTunnel> {
  await requireTools([SSH]);
  const folder = await mkdtemp(join(tmpdir(), 'ishmael-ssh-'));
  const socketPath = join(folder, 'api.sock');
  const child = spawn(
    'ssh',
    [
      '-N',
      // A connection of its own, which ends with this command.
      '-oControlPath=none',
      '-oExitOnForwardFailure=yes',
      `-oConnectTimeout=${Math.ceil(limitMs / 1000)}`,
      `-L${socketPath}:${CONTROL_SOCKET}`,
      '--',
      destination,
    ],
    // Whoever is to be asked for a password is asked on the terminal.
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (said = (said + text).slice(-4096)));
  const closed = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  const lastWords = (): string | undefined => {
    const line = said.trimEnd().split(/\r?\n/u).at(-1);
    return line === undefined || line === '' ? undefined : printable(line);
  };
  const close = async (): Promise<void> => {
    child.kill();
    await closed;
    await rm(folder, { recursive: true, force: true });
  };
  // It listens here once the other side has let it in.
  const deadline = performance.now() + limitMs;
  while (!existsSync(socketPath)) {
    if (hasEnded(child) || performance.now() > deadline) {
      await close();
      const why = lastWords() ?? 'no answer';
      throw new MachineError('no-answer', `Cannot reach "${destination}": ${why}`);
    }
    await delay(POLL_MS);
  }
  return { socketPath, lastWords, isOpen: () => !hasEnded(child), close };
}

function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}
