/** A TPM of swtpm(8), for machines that are started with its socket. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface TestTpm {
  readonly socket: string;
  /** What it keeps while it is off. */
  readonly state: string;
  end(): void;
}

/** It lives until it is ended, or its machine is. @param state of one that has ended; default: a new one */
export async function startTpm(state?: string): Promise<TestTpm> {
  const folder = state ?? (await mkdtemp(join(tmpdir(), 'ishmael-tpm-')));
  const socket = join(await mkdtemp(join(tmpdir(), 'ishmael-tpm-')), 'control');
  const control = `type=unixio,path=${socket}`;
  const words = ['socket', '--tpm2', '--tpmstate', `dir=${folder}`, '--ctrl', control];
  const tpm = spawn('swtpm', [...words, '--flags', 'startup-clear'], { stdio: 'ignore' });
  while (!existsSync(socket)) await delay(50);
  return { socket, state: folder, end: () => tpm.kill() };
}
