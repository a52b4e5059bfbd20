/** What a command writes, in frames, as fast as the client takes it and no faster. */
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from './command.ts';
import { encodeFrames } from './frame.ts';

/**
 * What a command wrote is there when it ends. Somebody it has left behind may hold its streams open, and is
 * not waited for longer than this after the last word.
 */
const LINGER_MS = 300;

export interface CarryOptions {
  /** The client has taken nothing for so long although there was something. */
  readonly stallMs: number;
  readonly onStall: () => void;
}

/**
 * Carries until all of it has ended. Returns what to call when the command has ended: it resolves when
 * everything that the command has written was sent.
 */
export function carryOutput(
  { outputs }: Pick<Command, 'outputs'>,
  connection: Duplex,
  { stallMs, onStall }: CarryOptions,
): () => Promise<void> {
  let open = outputs.length;
  let isHeld = false;
  let lastMs = performance.now();
  let stall: NodeJS.Timeout | undefined;
  const ended = Promise.withResolvers<void>();

  function hold(): void {
    isHeld = true;
    for (const { stream } of outputs) stream.pause();
    stall = setTimeout(onStall, stallMs);
  }

  function release(): void {
    clearTimeout(stall);
    if (!isHeld) return;
    isHeld = false;
    lastMs = performance.now();
    for (const { stream } of outputs) stream.resume();
  }

  connection.on('drain', release);
  connection.once('close', () => clearTimeout(stall));
  for (const { name, stream } of outputs) {
    stream.on('data', (chunk: Buffer) => {
      lastMs = performance.now();
      if (!connection.writable) return;
      if (!connection.write(encodeFrames(name, chunk)) && !isHeld) hold();
    });
    stream.once('close', () => {
      open -= 1;
      if (open === 0) ended.resolve();
    });
  }

  async function silence(): Promise<void> {
    const isSilent = (): boolean =>
      connection.destroyed || (!isHeld && performance.now() - lastMs >= LINGER_MS);
    while (!isSilent()) await delay(LINGER_MS / 4);
    for (const { stream } of outputs) stream.destroy();
  }

  return async () => {
    lastMs = performance.now();
    await Promise.race([ended.promise, silence()]);
  };
}
