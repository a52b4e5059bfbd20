import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { type Played, replay } from '../../supervisor/service/replay.ts';
import type { Supervisor } from '../../supervisor/service/state.ts';
import { errorMessage } from '../../sys/errno.ts';
import { UsageError } from './cli-error.ts';
import { type Command, EXIT_FAILED, EXIT_OK } from './command.ts';
import { parseOptions } from './parse-options.ts';
import { renderEnd, renderPlayed } from './replay-text.ts';

export const replayCommand: Command = {
  name: 'replay',
  summary: "play a machine's recorded events through the supervisor again",
  usage: `Usage: ishmael replay FILE…

Prints what happened on a machine, event by event: what each did to which unit, and what was ordered.
FILE is /run/log/events.jsonl of the machine, or one of the older files beside it (events.jsonl.1.gz is
the newest of them); name the oldest first.

Nothing is run: the events are given to the same state machine as in PID 1. Exit code 1 when a line is
damaged, or when the events do not lead to the state that the machine had.

Example:
  ishmael replay events.jsonl.1.gz events.jsonl
`,
  async run(args) {
    const { positionals } = parseOptions(args, {});
    if (positionals.length === 0) throw new UsageError('Missing the FILE of a recording');
    const texts = await Promise.all(positionals.map(readRecording));
    return print(replay(texts.join('')));
  },
};

function print(recording: Iterable<Played>): number {
  let end: { readonly supervisor: Supervisor; readonly atMs: number } | undefined;
  let events = 0;
  let wrong = 0;
  for (const played of recording) {
    process.stdout.write(renderPlayed(played));
    if (played.kind === 'start') {
      end = { supervisor: played.start.supervisor, atMs: played.start.atMs };
      if (played.diverges) wrong += 1;
    } else if (played.kind === 'event') {
      end = { supervisor: played.next, atMs: played.event.atMs };
      events += 1;
    } else {
      wrong += 1;
    }
  }
  if (end !== undefined) process.stdout.write(renderEnd(end.supervisor, end.atMs));
  const verdict = wrong === 0 ? 'none of its lines is damaged' : `${wrong} lines are damaged`;
  process.stdout.write(`${events} events played; ${verdict}\n`);
  return wrong === 0 && end !== undefined ? EXIT_OK : EXIT_FAILED;
}

async function readRecording(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    throw new UsageError(`Cannot read '${file}': ${errorMessage(cause)}`, { cause });
  }
  const compressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (compressed ? gunzipSync(bytes) : bytes).toString('utf8');
}
