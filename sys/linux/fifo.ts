/**
 * FIFOs that are read without ever waiting for who writes them, in spite of the kernel: each read(2) of a pipe
 * takes the pipe's lock first, O_NONBLOCK or not (fs/pipe.c, pipe_read), and who writes may hold that lock as
 * long as it likes. sendfile(2) and splice(2) keep it while they wait for their input (fs/splice.c,
 * splice_file_to_pipe), write(2) while a page of what it writes comes from a disk. poll(2) and F_SETOWN_EX do without
 * the lock, so they may be called by the event loop; read(2) and close(2) go to libuv's threads.
 *
 * libuv can tell of input only by reading it. So the kernel is asked for SIGIO (fcntl(2), O_ASYNC), which it
 * raises for every write as long as the FIFO has an owner: the owner is set for as long as somebody waits, and
 * a flood of writes raises one signal, not one each.
 *
 * O_ASYNC takes the lock, too, and so does the close(2) of an execve. Therefore the descriptor is made ready while
 * nobody else has the FIFO, has no CLOEXEC, and is found again by its name in the next generation of PID 1.
 */
import { close, constants, openSync, read } from 'node:fs';
import type { Fifo } from '../sys.ts';
import { takeInherited } from './inherited.ts';
import { check, libc } from './libc.ts';
import { POLLIN, pollNow } from './poll.ts';
import { setSignalOwner } from './signal-owner.ts';

/** fcntl(2), include/uapi/asm-generic/fcntl.h: the same for x86-64 and arm64. */
const F_SETFD = 2;
const F_SETFL = 4;
const O_ASYNC = 0o20000;

export function openFifo(path: string): Fifo {
  const fd = takeInherited(path) ?? openReader(path);
  // The generation before may have been waiting.
  setSignalOwner(fd, 'nobody');
  return {
    fd,
    read(buffer, done) {
      read(fd, buffer, 0, buffer.length, null, (error, length) =>
        error === null ? done(undefined, length) : done(error, 0),
      );
    },
    signalInput: (isWanted) => setSignalOwner(fd, isWanted ? 'main thread' : 'nobody'),
    // Nothing can be done about a failure, and of a FIFO there is none.
    close: () => close(fd, () => undefined),
  };
}

/** poll(2) of all of them at once, without waiting: those that a read(2) finds something in. */
export function haveInput(fifos: readonly Fifo[]): readonly Fifo[] {
  const reports = pollNow(
    fifos.map(({ fd }) => fd),
    POLLIN,
  );
  return fifos.filter((_, index) => reports[index] !== 0);
}

function openReader(path: string): number {
  // For writing too: there is no end of file when a writer has gone.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  check(libc('fcntl')(fd, F_SETFL, BigInt(constants.O_NONBLOCK | O_ASYNC)), 'fcntl F_SETFL', path);
  check(libc('fcntl')(fd, F_SETFD, 0n), 'fcntl F_SETFD', path);
  return fd;
}
