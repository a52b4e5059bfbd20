/**
 * Leaves a person on a machine's serial console until the machine ends: by itself (exit code 0), or
 * because the person pressed the escape key, once for a clean poweroff and twice for a power cut.
 */
import { attachTerminal } from './attach-terminal.ts';
import { ESCAPE_KEY_NAME } from './escape-key.ts';
import { askGuest } from './guest-api.ts';
import type { Vm } from './vm.ts';

/** How long a guest may take to answer the request to power off. */
const ANSWER_MS = 10_000;

/** How to leave, for the line a person gets before the machine's output begins. */
export const HOW_TO_LEAVE: string = `${ESCAPE_KEY_NAME} powers the machine off, twice cuts the power`;

/**
 * Resolves with the exit code.
 * @param note tells the person something
 * @param order asks the guest to power off, where somebody else has its port
 */
export async function runInteractively(
  vm: Vm,
  note: (text: string) => void,
  order: () => Promise<unknown> = () => orderPowerOff(vm),
): Promise<number> {
  let escapes = 0;
  const detach = attachTerminal(vm, process, () => {
    escapes += 1;
    if (escapes === 1) void powerOff(vm, order);
    else void vm.kill();
  });
  const exit = await vm.waitForExit().finally(detach);
  if (exit.code === 0) return 0;
  if (escapes > 1) return 0;
  note(exit.stderr === '' ? `QEMU ended with ${exit.signal ?? exit.code}` : exit.stderr);
  return 1;
}

async function powerOff(vm: Vm, order: () => Promise<unknown>): Promise<void> {
  tell(`powering off; ${ESCAPE_KEY_NAME} again cuts the power`);
  let ended = false;
  void vm.waitForExit().finally(() => (ended = true));
  try {
    await order();
  } catch {
    // The answer may be lost on the way down: then there is nothing to say.
    if (!ended) tell(`the machine does not answer; ${ESCAPE_KEY_NAME} cuts the power`);
  }
}

function orderPowerOff(vm: Vm): Promise<unknown> {
  const exit = vm.waitForExit();
  return askGuest(vm.controlSocketPath, (guest) => guest.post('/v1/poweroff'), ANSWER_MS, exit);
}

/** In the middle of the guest's output, on a raw terminal, where a line feed alone goes straight down. */
function tell(text: string): void {
  process.stderr.write(`\r\nishmael: ${text}\r\n`);
}
