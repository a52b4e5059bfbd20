/**
 * The write ends of a unit's two FIFOs, for a new container. They are opened and closed on libuv's threads: both take the lock
 * of the pipe (fs/pipe.c, fifo_open and pipe_release), which somebody who has the FIFO still, or already, may hold
 * for as long as it likes (sys/linux/fifo.ts).
 */
import { close, open } from 'node:fs';
import { promisify } from 'node:util';

export interface OutputFds {
  readonly stdout: number;
  readonly stderr: number;
}

/** The caller closes them with `closeOutputs` once the runtime has taken them. */
export async function openOutputs(paths: {
  readonly stdout: string;
  readonly stderr: string;
}): Promise<OutputFds> {
  const stdout = await openOutput(paths.stdout);
  try {
    return { stdout, stderr: await openOutput(paths.stderr) };
  } catch (error) {
    closeOutput(stdout);
    throw error;
  }
}

/**
 * For reading too: while PID 1 is executed again the container itself keeps the FIFO alive, and what it writes
 * waits there instead of ending it with SIGPIPE.
 */
const openOutput = async (path: string): Promise<number> => promisify(open)(path, 'r+');

/** Returns before it is done. */
export function closeOutput(fd: number): void {
  close(fd, () => undefined);
}

/** Returns before it is done. */
export function closeOutputs({ stdout, stderr }: OutputFds): void {
  closeOutput(stdout);
  closeOutput(stderr);
}
