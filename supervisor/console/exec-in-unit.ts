/** `exec`: a program in a unit's container, which has the terminal until it ends or a person takes it back. */
import { describeExit } from '../../sys/exit.ts';
import { askForUnit } from './ask-for-unit.ts';
import type { Order } from './command.ts';
import type { CommandContext } from './command-context.ts';

/** What terminfo(5) calls a terminal that has answered, and one that has not. */
const TERM = { known: 'vt220', unknown: 'dumb' } as const;

export async function execInUnit(order: Order, context: CommandContext): Promise<boolean> {
  const { program, signal } = context;
  if (program === undefined) {
    await context.print([
      'There is no console here. From outside of the machine it is "ishmael exec".',
    ]);
    return false;
  }
  const unit = await askForUnit(order.unit ?? '', context);
  if (unit === undefined) return false;
  const { terminal } = program;
  const { rows, columns } = terminal.size;
  const write = (bytes: Uint8Array): Promise<void> => terminal.write(bytes);
  const request = {
    args: order.args ?? [],
    env: [`TERM=${terminal.isKnown ? TERM.known : TERM.unknown}`],
    terminal: { rows, columns },
  };
  const exec = await program.exec(unit.id, request, { stdout: write, stderr: write });
  // A program whose person has gone is hung up, as on a line that was cut.
  signal.addEventListener('abort', () => exec.leave(), { once: true });
  if (signal.aborted) exec.leave();
  terminal.onInput((bytes) => void exec.write(bytes));
  const end = await exec.end;
  terminal.finish();
  if (end.kind === 'refused') await context.print([end.message]);
  else if (end.kind === 'signaled' || end.code !== 0) await context.print([describeExit(end)]);
  return end.kind === 'exited' && end.code === 0;
}
