/** Shows a stream of the control API line by line, at the pace of the terminal and not of the stream. */
import type { CommandContext } from './command-context.ts';
import { createFollowBuffer } from './follow-buffer.ts';

/** Twice a screen: what was skipped is noticed soon, and a burst passes whole. */
const CAPACITY = 48;
const PORTION = 12;

/**
 * Resolves when the stream ends or `context.signal` aborts.
 * @param past how many lines come at once at the beginning and are not to be skipped
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as with stream<T>, the caller knows what the path answers
export async function follow<T>(
  path: string,
  { past, render }: { readonly past: number; readonly render: (item: T) => readonly string[] },
  context: CommandContext,
): Promise<void> {
  const buffer = createFollowBuffer(past + CAPACITY);
  let wake = (): void => {};
  let isOver = false;
  const reading = context.client
    .stream<T>(
      path,
      (item) => {
        buffer.push(render(item));
        wake();
      },
      context.signal,
    )
    .finally(() => {
      isOver = true;
      wake();
    });
  for (;;) {
    const lines = buffer.take(PORTION);
    if (lines.length > 0) await context.print(lines);
    else if (hasEnded()) break;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
  await reading;

  /** A function, because it changes while the loop waits. */
  function hasEnded(): boolean {
    return isOver || context.signal.aborted;
  }
}
