/**
 * How a container has ended, from its shim, which is its parent: told at once and by nobody else, so that it is no
 * matter whether containerd runs. (The containerd of 1.7 throws away what it finds ended when it begins.)
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { errorMessage } from '../../sys/errno.ts';
import { GrpcError } from './grpc-error.ts';
import { decodeExitStatus, encodeProcessOf } from './messages.ts';
import { ProtobufError } from './protobuf.ts';
import { decodeTtrpcResponse, encodeTtrpcRequest } from './ttrpc-frame.ts';

const WAIT = 'containerd.task.v2.Task/Wait';

/** What containerd and its shims keep of running tasks: a directory for each, below one for each namespace. */
export const TASK_STATE = '/run/containerd/io.containerd.runtime.v2.task';

/**
 * Resolves with the exit status of the task, as a shell has it. Throws `GrpcError`: `unavailable` when the shim is
 * not there, or not any more.
 * @param taskDir of the task below `TASK_STATE`, where the shim has written its address
 */
export async function waitForShim(taskDir: string, id: string): Promise<number> {
  try {
    return decodeExitStatus(await ask(socketOf(taskDir), encodeProcessOf(id)));
  } catch (cause) {
    if (cause instanceof GrpcError) throw cause;
    const code = cause instanceof ProtobufError ? 'garbage' : 'unavailable';
    throw new GrpcError(code, WAIT, `${WAIT}: ${errorMessage(cause)}`, { cause });
  }
}

/** Throws the errno error. */
function socketOf(taskDir: string): string {
  return readFileSync(`${taskDir}/address`, 'utf8').trim().replace('unix://', '');
}

function ask(path: string, payload: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = connect(path, () => socket.write(encodeTtrpcRequest(WAIT, payload)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was lost')));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      try {
        const answer = decodeTtrpcResponse(WAIT, received);
        if (answer === undefined) return;
        resolve(answer);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
      socket.destroy();
    });
  });
}
