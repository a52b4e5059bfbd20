/**
 * Questions to the metadata server of a cloud: plain HTTP at a link-local address. Every answer is limited in size
 * and time, and asked for again, since the network may have come up this very second.
 */
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '../../sys/errno.ts';
import { MAX_BYTES, MetadataError } from './metadata.ts';

/** Every cloud here has it at this address. */
export const METADATA_SERVER = 'http://169.254.169.254';

export interface Question {
  readonly path: string;
  /** Default: GET. */
  readonly method?: 'GET' | 'PUT' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The body, or `undefined` for 404: most of what could be asked for is not there. Rejects with `MetadataError`. */
export type Ask = (question: Question) => Promise<Buffer | undefined>;

const TIMEOUT_MS = 2_000;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 250;

export class CloudStatusError extends MetadataError {
  readonly status: number;

  constructor(path: string, status: number) {
    super(`${path}: the server answers ${status}`);
    this.status = status;
  }
}

export function createAsk(
  server: string = METADATA_SERVER,
  firstPauseMs: number = FIRST_PAUSE_MS,
): Ask {
  return async (question) => {
    let pauseMs = firstPauseMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await askOnce(server, question);
      } catch (error) {
        const isFinal = error instanceof CloudStatusError && error.status < 500;
        if (isFinal || attempt === ATTEMPTS) throw error;
      }
      await delay(pauseMs);
      pauseMs *= 2;
    }
  };
}

function askOnce(
  server: string,
  { path, method, headers, body }: Question,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void =>
      reject(
        error instanceof MetadataError
          ? error
          : new MetadataError(`${path}: ${errorMessage(error)}`, { cause: error }),
      );
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const asked = request(new URL(path, server), { method, headers, signal }, (answer) => {
      const { statusCode = 0 } = answer;
      const parts: Buffer[] = [];
      let bytes = 0;
      answer.on('error', fail);
      answer.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > MAX_BYTES) {
          asked.destroy(new MetadataError(`${path}: more than ${MAX_BYTES} bytes`));
        } else parts.push(part);
      });
      answer.on('end', () => {
        if (statusCode === 404) resolve(undefined);
        else if (statusCode === 200) resolve(Buffer.concat(parts));
        else fail(new CloudStatusError(path, statusCode));
      });
    });
    asked.on('error', fail);
    asked.end(body);
  });
}
