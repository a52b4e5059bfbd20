/** What the two words of `ishmael cp` name. Pure. */
import { UsageError } from '../cli-error.ts';

export interface CopyWords {
  readonly direction: 'from' | 'to';
  readonly service: string;
  /** Absolute, in the service's container. */
  readonly guestPath: string;
  /** On this machine, as it was typed; `-` is an archive on standard input or output. */
  readonly hostPath: string;
}

/** A service is before the first colon, and a path of this machine has a `/` before its own: `./a:b`. */
const GUEST_PLACE = /^([^/:]+):(.*)$/s;

/** Throws `UsageError`. */
export function copyWords(source: string, target: string): CopyWords {
  const [from, to] = [GUEST_PLACE.exec(source), GUEST_PLACE.exec(target)];
  if (from !== null && to !== null)
    throw new UsageError('One of the two has to be on this machine');
  const place = from ?? to;
  if (place === null) throw new UsageError('One of the two has to be SERVICE:PATH');
  const [word, service = '', guestPath = ''] = place;
  if (!guestPath.startsWith('/')) throw new UsageError(`"${word}" wants an absolute path`);
  const [direction, hostPath] =
    from === null ? (['to', source] as const) : (['from', target] as const);
  if (hostPath === '') throw new UsageError('A path of this machine is empty');
  return { direction, service, guestPath, hostPath };
}
