/** Following a stream of a guest until the person leaves or the machine ends. */
import { setTimeout as delay } from 'node:timers/promises';
import type { MachineInfo } from '../../../supervisor/control/api.ts';
import { ControlError } from '../../../supervisor/control/client.ts';
import type { Numbered, OnlyNew } from './only-new.ts';
import { note } from './screen.ts';
import type { Guest } from './with-guest.ts';

const PAUSE_MS = 300;

export interface Followed<T> {
  /** Of the stream, with `follow=1`. */
  readonly path: string;
  readonly logOf: (item: T) => string;
  readonly fresh: OnlyNew;
  readonly onItem: (item: T) => Promise<void>;
  readonly left: AbortSignal;
}

/** A lost connection is made again. Rejects when the guest refuses, or stays silent while its machine runs. */
export async function follow<T extends Numbered>(
  { machine, client, whatEnded }: Guest,
  { path, logOf, fresh, onItem, left }: Followed<T>,
): Promise<void> {
  let { generation } = machine;
  while (!left.aborted) {
    await streamOnce(async () =>
      client.stream<T>(
        path,
        (item) => (fresh.isNew(logOf(item), item) ? onItem(item) : undefined),
        left,
      ),
    );
    if (left.aborted) return;
    await delay(PAUSE_MS);
    const ended = await whatEnded();
    if (ended !== undefined) return note(ended);
    const now = await client.get<MachineInfo>('/v1/machine');
    if (now.generation !== generation || now.uptimeMs < machine.uptimeMs) fresh.beginAgain();
    generation = now.generation;
  }
}

const LOST: readonly string[] = ['unreachable', 'timed-out', 'internal'];

async function streamOnce(stream: () => Promise<void>): Promise<void> {
  try {
    await stream();
  } catch (error) {
    if (!(error instanceof ControlError) || !LOST.includes(error.code)) throw error;
  }
}
