/**
 * A person's terminal on a machine's serial line. Owns the terminal's mode while attached and gives it
 * back in every case: detach, exit of the process, or a signal that ends it.
 */
import type { ReadStream } from 'node:tty';
import { splitEscapes } from './escape-key.ts';
import type { Vm } from './vm.ts';

export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
}

/** Show the cursor, plain colours: what a guest may have left behind. */
const RESET = '\u{1b}[?25h\u{1b}[0m';

/** @param onEscape called for each press of the escape key. Returns the function that detaches. */
export function attachTerminal(
  vm: Pick<Vm, 'console' | 'sendConsole'>,
  { stdin, stdout }: TerminalStreams,
  onEscape: () => void,
): () => void {
  const tty: ReadStream | undefined = stdin.isTTY ? stdin : undefined;
  const onTyped = (chunk: Buffer): void => {
    const { bytes, escapes } = splitEscapes(chunk);
    if (bytes.length > 0) vm.sendConsole(bytes);
    for (let count = 0; count < escapes; count += 1) onEscape();
  };
  const restore = (): void => {
    tty?.setRawMode(false);
    if (stdout.isTTY) stdout.write(RESET);
  };
  const onSignal = (): void => {
    // The exit handler restores; a QEMU of ours dies with us.
    process.exit(1);
  };

  // First: what a person types at the first words they see is the guest's, Ctrl-C included.
  tty?.setRawMode(true);
  stdin.on('data', onTyped);
  process.once('exit', restore);
  for (const signal of ENDING_SIGNALS) process.once(signal, onSignal);
  stdout.write(vm.console.text());
  const unsubscribe = vm.console.subscribe((chunk) => void stdout.write(chunk));

  return () => {
    unsubscribe();
    stdin.off('data', onTyped);
    stdin.pause();
    process.off('exit', restore);
    for (const signal of ENDING_SIGNALS) process.off(signal, onSignal);
    restore();
  };
}

const ENDING_SIGNALS = ['SIGHUP', 'SIGTERM', 'SIGINT'] as const;
