/**
 * A terminal device: raw input, and output that never blocks. Two file descriptors, because Node makes
 * the one it reads from blocking for writes, and at line speed that stops the whole process.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';

export interface Terminal {
  /** Writes what fits; throws `EAGAIN` when nothing does. */
  writeSome(bytes: Uint8Array): number;
  onInput(listener: (bytes: Uint8Array) => void): void;
  /** Called once when the terminal hangs up or fails. */
  onLost(listener: () => void): void;
  close(): void;
}

/** O_NOCTTY: a signal character or a hang-up on this line must not reach us as a signal. */
const FLAGS = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;

/** Throws the errno error when the device does not exist, is no terminal or has nothing behind it. */
export function openTerminal(device: string): Terminal {
  const output = openSync(device, FLAGS);
  const input = openInput(device, output);
  return {
    writeSome: (bytes) => writeSync(output, bytes),
    onInput: (listener) => {
      input.on('data', listener);
    },
    onLost: (listener) => {
      input.once('error', listener);
      input.once('end', listener);
    },
    close() {
      input.on('error', () => {});
      if (!input.destroyed) input.setRawMode(false);
      input.destroy();
      closeSync(output);
    },
  };
}

function openInput(device: string, output: number): ReadStream {
  try {
    const input = new ReadStream(openSync(device, FLAGS));
    // Raw input, and on output still NL as CR NL: libuv leaves ONLCR on.
    input.setRawMode(true);
    return input;
  } catch (error) {
    closeSync(output);
    throw error;
  }
}
