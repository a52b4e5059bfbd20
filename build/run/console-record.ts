/**
 * What a machine said on its serial line: all of it so far (the last megabyte), and whoever wants to
 * hear more. Knows nothing of where the bytes come from.
 */
import { setTimeout as startTimer, clearTimeout } from 'node:timers';
import { VmError } from './vm-error.ts';

const KEPT_CHARACTERS = 1024 * 1024;

export class ConsoleRecord {
  #text = '';
  readonly #decoder = new TextDecoder();
  readonly #listeners = new Set<(chunk: Uint8Array) => void>();

  append(chunk: Uint8Array): void {
    this.#text += this.#decoder.decode(chunk, { stream: true });
    if (this.#text.length > 2 * KEPT_CHARACTERS) this.#text = this.#text.slice(-KEPT_CHARACTERS);
    for (const listener of this.#listeners) listener(chunk);
  }

  text(): string {
    return this.#text;
  }

  /** Calls `listener` with all later output, until the returned function is called. */
  subscribe(listener: (chunk: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves once the text so far matches; throws `VmError` `timeout` with the last lines if it never does. */
  async waitFor(pattern: RegExp, timeoutMs: number): Promise<void> {
    if (pattern.test(this.#text)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = startTimer(() => {
      const tail = this.#text.split('\n').slice(-10).join('\n');
      reject(
        new VmError('timeout', `The console did not show ${pattern.source}; its end:\n${tail}`),
      );
    }, timeoutMs);
    const unsubscribe = this.subscribe(() => {
      if (pattern.test(this.#text)) resolve();
    });
    await promise.finally(() => {
      clearTimeout(timer);
      unsubscribe();
    });
  }
}
