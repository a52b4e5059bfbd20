/** A configuration file that is somewhere on the web, as LinuxKit takes them too. */
import { errnoCode, errorMessage } from '../../sys/errno.ts';

/** The file is there, or may be, and could not be had. */
export class FetchFileError extends Error {
  override readonly name = 'FetchFileError';
}

export interface FetchFileLimits {
  readonly timeoutMs: number;
  readonly bytes: number;
}

/** No YAML file of a machine is nearly that large, and nobody waits longer for one. */
const LIMITS: FetchFileLimits = { timeoutMs: 30_000, bytes: 4 * 1024 * 1024 };

export function isUrl(file: string): boolean {
  return /^https?:\/\//u.test(file);
}

/** The text; `undefined` when the server says that there is no such file. Rejects with `FetchFileError`. */
export async function fetchFile(
  url: string,
  limits: FetchFileLimits = LIMITS,
): Promise<string | undefined> {
  let response: Response;
  const chunks: Uint8Array[] = [];
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(limits.timeoutMs) });
    let length = 0;
    const body: AsyncIterable<Uint8Array> | [] = response.body ?? [];
    for await (const chunk of body) {
      length += chunk.byteLength;
      if (length > limits.bytes)
        throw new FetchFileError(`it is longer than ${limits.bytes} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    // fetch() itself says no more than "fetch failed".
    const inner = cause instanceof TypeError && cause.cause !== undefined ? cause.cause : cause;
    const why = errorMessage(inner) || String(errnoCode(inner));
    throw new FetchFileError(`Cannot get ${url}: ${why}`, { cause });
  }
  if (response.status === 404 || response.status === 410) return undefined;
  if (!response.ok) {
    throw new FetchFileError(`Cannot get ${url}: the server says ${response.status}`);
  }
  return Buffer.concat(chunks).toString();
}
