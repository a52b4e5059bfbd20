/** poll(2) without waiting. */
import { check, errnoName, libc } from './libc.ts';

export const POLLIN = 0x01;
export const POLLERR = 0x08;
export const POLLHUP = 0x10;

/** struct pollfd { fd: i32, events: i16, revents: i16 } */
const POLLFD_SIZE = 8;

/** What each of the descriptors reports at this moment, in their order. Throws `SysError`. */
export function pollNow(fds: readonly number[], events: number): readonly number[] {
  const pollfds = Buffer.alloc(fds.length * POLLFD_SIZE);
  for (const [index, fd] of fds.entries()) {
    pollfds.writeInt32LE(fd, index * POLLFD_SIZE);
    pollfds.writeInt16LE(events, index * POLLFD_SIZE + 4);
  }
  let count: number;
  do {
    count = libc('poll')(pollfds, BigInt(fds.length), 0);
    // Also of a call that would not have waited, when a signal comes that moment.
  } while (count < 0 && errnoName() === 'EINTR');
  check(count, 'poll', fds.join());
  return fds.map((_, index) => pollfds.readInt16LE(index * POLLFD_SIZE + 6));
}
