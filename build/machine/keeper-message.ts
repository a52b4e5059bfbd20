/** What `run --detach` and the keeper it starts tell each other over their channel. */
import type { KeepRequest } from './keep-machine.ts';
import type { MachineRecord } from './machine-record.ts';

export type ToKeeper = KeepRequest;

export type FromKeeper =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'started'; readonly record: MachineRecord }
  | { readonly kind: 'failed'; readonly message: string };
