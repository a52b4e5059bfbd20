import type { MachineLogLine } from '../../../supervisor/control/api.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { parseOptions, readCount, readPositionals } from '../parse-options.ts';
import { follow } from './follow.ts';
import { type LogSource, logSource } from './log-source.ts';
import { onlyNew } from './only-new.ts';
import { print, printLines, untilLeft } from './screen.ts';
import { GUEST_HELP, GUEST_OPTIONS, type Guest, unitsOf, withGuest } from './with-guest.ts';

export const logsCommand: Command = {
  name: 'logs',
  summary: 'what the services of a machine have written',
  usage: `Usage: ishmael logs NAME [SERVICE] [options]

Shows the last lines of a service or task, "!" marking what went to its stderr; without SERVICE those of all
logs by time, with the name of the service before the text. "kernel" and "ishmael" are the logs of the
kernel and of the machine's first process.

  -f, --follow      go on until Ctrl-C, or until the machine ends
  -n, --tail N      the last N lines (default: 100)
${GUEST_HELP}

Examples:
  ishmael logs redis
  ishmael logs redis redis --tail 20 -f
  ishmael logs redis kernel
`,
  completes: ['running', 'service'],
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      ...GUEST_OPTIONS,
      follow: { type: 'boolean', short: 'f', default: false },
      tail: { type: 'string', short: 'n', default: '100' },
    });
    const [name = '', service] = readPositionals(
      positionals,
      ['the NAME of a machine'],
      ['SERVICE'],
    );
    const tail = readCount('--tail', values.tail, 0);
    const left = untilLeft();
    return withGuest(name, values.timeout, async (guest) => {
      const source = logSource(await unitsOf(guest), service);
      const show = (line: MachineLogLine): Promise<void> =>
        values.json ? print(`${JSON.stringify(line)}\n`) : printLines(source.lines(line));
      const fresh = onlyNew();
      const before = await linesBefore(guest, source, tail, left);
      for (const line of before) fresh.isNew(source.logOf(line), line);
      for (const line of tail === 0 ? [] : before.slice(-tail)) await show(line);
      // What has come since is among those, unless it is more than that.
      const path = `${source.path}?follow=1${source.takesTail ? `&tail=${FOLLOWED_FROM}` : ''}`;
      if (values.follow) await follow(guest, { ...source, path, fresh, onItem: show, left });
      return EXIT_OK;
    });
  },
};

const FOLLOWED_FROM = 1000;

/** At least the last one, so that following knows where to begin. */
async function linesBefore(
  { client }: Guest,
  { path, takesTail }: LogSource,
  tail: number,
  left: AbortSignal,
): Promise<readonly MachineLogLine[]> {
  const lines: MachineLogLine[] = [];
  const query = takesTail ? `?tail=${Math.max(1, tail)}` : '';
  await client.stream<MachineLogLine>(`${path}${query}`, (line) => void lines.push(line), left);
  return lines;
}
