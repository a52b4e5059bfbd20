/**
 * This process's streams on an exec. A terminal is in raw mode while attached, so that every key is the
 * command's, Ctrl-C included, and is given back in every case: the end, an exit, a signal.
 */
import type { ExecRequest } from '../../../supervisor/exec/exec-shapes.ts';
import type { ExecOutputs, RunningExec } from '../../../supervisor/exec/open-exec.ts';

export interface ExecStreams {
  readonly outputs: ExecOutputs;
  /** Whether the reader of the output has left, such as `head`. */
  isReaderGone(): boolean;
  /** Returns the function that detaches. */
  attach(exec: RunningExec): () => void;
}

const ENDING_SIGNALS = ['SIGHUP', 'SIGTERM'] as const;

export function execStreams(
  hasTerminal: boolean,
  size: () => NonNullable<ExecRequest['terminal']>,
): ExecStreams {
  const { stdin, stdout, stderr } = process;
  let isReaderGone = false;
  return {
    outputs: {
      stdout: (bytes) => write(stdout, bytes),
      stderr: (bytes) => write(stderr, bytes),
    },
    isReaderGone: () => isReaderGone,
    attach(exec) {
      const isRaw = hasTerminal && stdin.isTTY;
      const restore = (): void => void (isRaw && stdin.setRawMode(false));
      const onResize = (): void => exec.resize(size());
      const onSignal = (): void => process.exit(1);
      const onTyped = (bytes: Buffer): void => {
        stdin.pause();
        void exec.write(bytes).then(() => stdin.resume());
      };
      const onEnd = (): void => exec.endInput();
      const onReaderGone = (): void => {
        isReaderGone = true;
        exec.leave();
      };
      if (isRaw) {
        stdin.setRawMode(true);
        process.once('exit', restore);
        for (const signal of ENDING_SIGNALS) process.once(signal, onSignal);
      }
      stdin.on('data', onTyped);
      stdin.once('end', onEnd);
      if (hasTerminal) stdout.on('resize', onResize);
      stdout.on('error', onReaderGone);
      return () => {
        stdin.off('data', onTyped);
        stdin.off('end', onEnd);
        stdin.pause();
        // One that is a pipe would be waited for. One that is a file has no such method.
        (stdin as Partial<typeof stdin>).unref?.();
        stdout.off('resize', onResize);
        process.off('exit', restore);
        for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
        restore();
      };
    },
  };
}

function write(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    stream.write(bytes, () => resolve());
  });
}
