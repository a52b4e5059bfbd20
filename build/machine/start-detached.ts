/** Starts a machine that goes on after this command: in a process of its own (keeper-main.ts). */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import type { KeepRequest } from './keep-machine.ts';
import type { FromKeeper } from './keeper-message.ts';
import { MachineError } from './machine-error.ts';
import type { MachineRecord } from './machine-record.ts';

/** Resolves when QEMU runs. Throws `MachineError` `not-started`. */
export async function startDetached(
  request: KeepRequest,
  note: (text: string) => void,
): Promise<MachineRecord> {
  const keeper = spawn(process.execPath, [join(import.meta.dirname, 'keeper-main.ts')], {
    // A session of its own: Ctrl-C and a terminal that closes are not meant for it.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    cwd: '/',
    // As main.ts has it: less to compile, and less in memory for as long as it stays.
    env: { ...process.env, NODE_COMPILE_CACHE: join(cacheDir(), 'code') },
  });
  const { promise, resolve, reject } = Promise.withResolvers<MachineRecord>();
  const fail = (message: string): void => reject(new MachineError('not-started', message));
  keeper.on('message', (message: FromKeeper) => {
    switch (message.kind) {
      case 'note':
        return note(message.text);
      case 'started':
        return resolve(message.record);
      case 'failed':
        return fail(message.message);
    }
  });
  keeper.once('error', (error) => fail(`Cannot start the machine's keeper: ${error.message}`));
  keeper.once('exit', (code, signal) => fail(`The machine's keeper ended with ${signal ?? code}`));
  keeper.send(request);
  try {
    return await promise;
  } finally {
    if (keeper.connected) keeper.disconnect();
    keeper.unref();
  }
}
