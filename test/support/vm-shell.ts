/**
 * A shell in the guest, for what no API is to offer: looking into files of PID 1, sending it signals,
 * breaking it. The image must run the service `shell` (busybox nc, see any image.yml in test/vm).
 */
import { talk } from './vm-talk.ts';
import type { TestMachine } from './vm-machine.ts';

export const SHELL_PORT = 2323;

/** Runs a script and resolves with what it wrote. The first call waits until the shell can be reached. */
export type GuestShell = (script: string, timeoutMs?: number) => Promise<string>;

const END = 'end of the script';

export async function guestShell(machine: TestMachine): Promise<GuestShell> {
  const port = machine.hostPort(SHELL_PORT);
  const run = (script: string, timeoutMs?: number): Promise<string> =>
    talk(port, `exec 2>&1\n${script}\necho ${END}\nexit\n`, timeoutMs);
  await machine.waitFor('the shell in the guest', async () => {
    // QEMU accepts connections that the guest then refuses.
    const answer = await run('', 3_000).catch(() => '');
    return answer.includes(END) ? true : undefined;
  });
  return async (script, timeoutMs) => {
    const answer = await run(script, timeoutMs);
    if (!answer.endsWith(`${END}\n`)) throw new Error(`The script did not end; so far: ${answer}`);
    return answer.slice(0, -END.length - 1);
  };
}
