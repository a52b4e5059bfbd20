/** An image that cannot be had from where it should come from. */

/** `unreachable` is the one that may go away by itself. */
export type ImageSourceCode =
  | 'not-found'
  | 'denied'
  | 'untrusted'
  | 'plain-http'
  | 'damaged'
  | 'wrong-platform'
  | 'rejected'
  | 'unreachable'
  | 'failed';

export class ImageSourceError extends Error {
  override readonly name = 'ImageSourceError';
  readonly code: ImageSourceCode;
  readonly source: string;

  /** @param why half a sentence that follows the name of the source */
  constructor(code: ImageSourceCode, source: string, why: string, options?: ErrorOptions) {
    super(`Cannot get ${source}: ${why}`, options);
    this.code = code;
    this.source = source;
  }
}

/** skopeo has one exit code for everything: what it says is all there is to tell failures apart by. */
const SIGNS: readonly (readonly [ImageSourceCode, RegExp])[] = [
  ['plain-http', /server gave HTTP response to HTTPS client/u],
  ['untrusted', /x509|certificate/iu],
  ['denied', /unauthorized|authentication required|access .*denied|denied:|incorrect username/iu],
  ['rejected', /signature .*required|rejected by policy|no signatures? exist/iu],
  ['damaged', /digest (?:did not match|mismatch)|does not match|invalid checksum/iu],
  [
    'not-found',
    /manifest unknown|name unknown|not found|no such (?:file|image)|does not resolve to an image|No such image/iu,
  ],
  [
    'unreachable',
    /timeout|timed out|connection re(?:fused|set)|unreachable|no route|EOF|temporary failure|server misbehaving|no such host|too ?many ?requests|status (?:code )?(?:from registry )?5\d\d|received unexpected HTTP status: 5/iu,
  ],
];

/** Which kind of failure skopeo or buildah reports. Pure. */
export function classifyFailure(stderr: string): ImageSourceCode {
  return SIGNS.find(([, sign]) => sign.test(stderr))?.[0] ?? 'failed';
}

/** The sentence in a log line of skopeo: `time="…" level=fatal msg="…"`. */
export function failureMessage(stderr: string): string {
  const messages = [...stderr.matchAll(/level=(?:fatal|error) msg=("(?:[^"\\]|\\.)*")/gu)];
  const last = messages.at(-1)?.[1];
  if (last === undefined) return stderr.trim().split('\n').at(-1) ?? '';
  return unquote(last);
}

function unquote(quoted: string): string {
  try {
    const text: unknown = JSON.parse(quoted);
    return String(text);
  } catch {
    // Go quotes some bytes in a way that JSON does not know.
    return quoted.slice(1, -1);
  }
}
