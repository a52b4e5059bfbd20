import type { HistoryEntry } from '../../../supervisor/control/api.ts';
import { eventLines } from '../../../supervisor/view/event-view.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { onePositional, parseOptions } from '../parse-options.ts';
import { follow } from './follow.ts';
import { onlyNew } from './only-new.ts';
import { paint, print, printLines, untilLeft } from './screen.ts';
import { GUEST_HELP, GUEST_OPTIONS, withGuest } from './with-guest.ts';

export const eventsCommand: Command = {
  name: 'events',
  summary: 'what has happened in a machine',
  usage: `Usage: ishmael events NAME [options]

Shows what the machine's first process remembers, oldest first: starts, ends and their reasons. Times are
seconds since the machine's kernel started.

  -f, --follow      go on until Ctrl-C, or until the machine ends
${GUEST_HELP}

Examples:
  ishmael events redis
  ishmael events redis -f --json | jq -r 'select(.severity == "error") | .text'
`,
  completes: ['running'],
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      ...GUEST_OPTIONS,
      follow: { type: 'boolean', short: 'f', default: false },
    });
    const name = onePositional(positionals, 'the NAME of a machine');
    const left = untilLeft();
    const show = (entry: HistoryEntry): Promise<void> =>
      values.json
        ? print(`${JSON.stringify(entry)}\n`)
        : printLines(eventLines(entry).map(paintAs(entry)));
    return withGuest(name, values.timeout, async (guest) => {
      if (!values.follow) await guest.client.stream('/v1/events', show, left);
      else {
        const path = '/v1/events?follow=1';
        const logOf = (): string => '';
        await follow(guest, { path, logOf, fresh: onlyNew(), onItem: show, left });
      }
      return EXIT_OK;
    });
  },
};

function paintAs({ severity }: HistoryEntry): (line: string) => string {
  if (severity === 'info') return (line) => line;
  return (line) => paint(severity === 'error' ? 'red' : 'yellow', line);
}
