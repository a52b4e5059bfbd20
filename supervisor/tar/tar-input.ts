/** A stream of chunks of any size, read in pieces of the sizes that a tar archive has. */
import { TarError } from './tar-error.ts';

export class TarInput {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes; `undefined` when the stream has ended before the first. */
  async read(length: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for await (const part of this.stream(length, 'may-end')) parts.push(part);
    if (parts.length === 0 && length > 0) return undefined;
    const [first = Buffer.alloc(0)] = parts;
    return parts.length === 1 ? first : Buffer.concat(parts);
  }

  /** So many bytes as they come. Throws `TarError` when the stream ends in the middle. */
  async *stream(length: number, atStart?: 'may-end'): AsyncGenerator<Buffer> {
    let left = length;
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) {
        if (atStart === 'may-end' && left === length) return;
        throw new TarError('truncated', '', 'unexpected end of data');
      }
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  /** Reads what is left and throws it away: whoever writes into the stream wants it to end well. */
  async drain(): Promise<void> {
    this.#rest = Buffer.alloc(0);
    while (await this.#more()) this.#rest = Buffer.alloc(0);
  }

  /** Tells whoever writes into the stream that nobody reads on. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      const { buffer, byteOffset, byteLength } = next.value;
      this.#rest = Buffer.from(buffer, byteOffset, byteLength);
      if (byteLength > 0) return true;
    }
  }
}
