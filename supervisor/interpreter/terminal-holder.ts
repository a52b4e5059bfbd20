/**
 * The process that holds the terminal of a container (applets/terminal-applet.ts), one for each run. It is
 * given the socket that the runtime sends the master to, and not waited for: what is sent waits in the socket.
 */
import { closeSync, mkdirSync, rmSync } from 'node:fs';
import { signalNumber } from '../../sys/exit.ts';
import type { Sys } from '../../sys/sys.ts';
import type { ProcessSpawner } from './process-unit.ts';

export interface TerminalContext {
  readonly sys: Pick<Sys, 'openConsoleSocket' | 'kill'>;
  readonly spawner: ProcessSpawner;
  /** Our own binary, and what makes it the holder; the log's FIFO is added. */
  readonly helper: { readonly file: string; readonly args: readonly string[] };
  /** Puts it in a cgroup which the next generation of PID 1 leaves alone. */
  readonly settle: (pid: number) => void;
  /** Where sockets are made; short, as their paths are limited. */
  readonly dir: string;
}

export interface Terminal {
  /** For the runtime's `--console-socket`. */
  readonly socket: string;
  /** The socket is not needed any more: the container has its terminal, or will have none. */
  close(): void;
  /** Ends a holder that nobody sends anything to. */
  abandon(): void;
}

let count = 0;

/** Rejects with the errno error. */
export async function holdTerminal(context: TerminalContext, log: string): Promise<Terminal> {
  const { sys, spawner, helper, settle, dir } = context;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const socket = `${dir}/${process.pid}-${(count += 1)}`;
  const fd = sys.openConsoleSocket(socket);
  let hasEnded = false;
  const close = (): void => rmSync(socket, { force: true });
  try {
    const program = { file: helper.file, args: [...helper.args, log], input: fd };
    const pid = await spawner.spawn(program, () => (hasEnded = true));
    settle(pid);
    return {
      socket,
      close,
      abandon() {
        if (!hasEnded) sys.kill(pid, signalNumber('SIGKILL') ?? 9);
      },
    };
  } catch (error) {
    close();
    throw error;
  } finally {
    closeSync(fd);
  }
}
