/** Starts control-child.ts and asks it how it is doing. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GUEST_FLAGS } from '../../build/binary/guest-flags.ts';
import type { ControlChildReport } from './control-child.ts';

export interface ControlChild {
  readonly socketPath: string;
  /** What has been since the report before. */
  report(): Promise<ControlChildReport>;
  stop(): void;
}

export async function startControlChild(services: number): Promise<ControlChild> {
  const directory = mkdtempSync(join(tmpdir(), 'control-'));
  const socketPath = join(directory, 'control.sock');
  const program = join(import.meta.dirname, 'control-child.ts');
  // With the heap that PID 1 has, so that what is too much for that is too much here.
  const execArgv = [...GUEST_FLAGS, '--expose-gc', '--no-warnings', '--experimental-ffi'];
  const child: ChildProcess = fork(program, [socketPath, String(services)], { execArgv });
  await once(child, 'message');
  return {
    socketPath,
    async report() {
      const answer = once(child, 'message');
      child.send('report');
      return (await answer)[0] as ControlChildReport;
    },
    stop() {
      child.kill('SIGKILL');
      rmSync(directory, { recursive: true });
    },
  };
}

export const GET_SERVICES = 'GET /v1/services HTTP/1.1\r\nhost: ishmael\r\n\r\n';

/** One question on a connection of its own; resolves with the status, rejects with what the kernel says. */
export async function askOnce(socketPath: string, request: string = GET_SERVICES): Promise<number> {
  const socket = connect(socketPath, () => socket.write(request));
  return new Promise((resolve, reject) => {
    let head = '';
    socket.on('data', (chunk: Buffer) => {
      // The body is read away; its end is the end of the last JSON value.
      if (head.length < 4096) head += chunk.toString('latin1');
      if (!/[\]}]$/.test(chunk.toString('latin1'))) return;
      resolve(Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]));
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without an answer')));
  });
}
