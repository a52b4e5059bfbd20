/** An update of the machine, by this process itself: the image comes on its standard input. */
import { PassThrough } from 'node:stream';
import { errorMessage } from '../../sys/errno.ts';
import type { Exit } from '../../sys/exit.ts';
import type { Sys } from '../../sys/sys.ts';
import type { UpdateTerms } from '../manifest.ts';
import { byteSource } from '../update/byte-source.ts';
import { receiveUpdate } from '../update/receive-update.ts';
import type { Command } from './command.ts';
import type { UpdateRequest } from './exec-shapes.ts';

/** Its standard output has the name of the file that is booted next; or its standard error why there is none, and it ends with 1. */
export function startUpdate(
  sys: Pick<Sys, 'mount' | 'umount' | 'sync'>,
  { update }: UpdateRequest,
  terms: Pick<UpdateTerms, 'certificate'>,
): Command {
  const [input, done, told] = [new PassThrough(), new PassThrough(), new PassThrough()];
  for (const stream of [input, done, told]) stream.on('error', () => {});
  const run = async (): Promise<Exit> => {
    try {
      done.write(`${await receiveUpdate(sys, update, byteSource(input), terms)}\n`);
      return { kind: 'exited', code: 0 };
    } catch (error) {
      told.write(`${errorMessage(error)}\n`);
      return { kind: 'exited', code: 1 };
    } finally {
      // What comes yet is read away, for the client to hear of the end.
      input.resume();
    }
  };
  return {
    pid: undefined,
    input,
    outputs: [
      { name: 'stdout', stream: done },
      { name: 'stderr', stream: told },
    ],
    exit: run().finally(() => {
      done.end();
      told.end();
    }),
    resize() {},
  };
}
