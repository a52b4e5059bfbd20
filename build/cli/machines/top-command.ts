import { setTimeout as delay } from 'node:timers/promises';
import { takeLook } from '../../../supervisor/control/take-look.ts';
import { type Look, topLines } from '../../../supervisor/view/top-view.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { onePositional, parseOptions, readCount } from '../parse-options.ts';
import { openPicture } from './picture.ts';
import { print, printLines, screenWidth, untilLeft } from './screen.ts';
import { GUEST_HELP, GUEST_OPTIONS, withGuest } from './with-guest.ts';

const INTERVAL_MS = 2_000;

export const topCommand: Command = {
  name: 'top',
  summary: 'what the services of a machine use, live',
  usage: `Usage: ishmael top NAME [options]

Shows load, processors and memory of the machine, and what each task and service uses, every two seconds, the
busiest first. q or Ctrl-C ends it. Where standard output is no terminal it looks once.

  -n, --count N     look N times, then end
${GUEST_HELP}

Examples:
  ishmael top redis
  ishmael top redis -n 1 --json | jq '.usage[] | {id, memoryBytes}'
`,
  completes: ['running'],
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      ...GUEST_OPTIONS,
      count: { type: 'string', short: 'n' },
    });
    const name = onePositional(positionals, 'the NAME of a machine');
    const isLive = process.stdout.isTTY && !values.json;
    const always = isLive ? Number.POSITIVE_INFINITY : 1;
    const rounds = values.count === undefined ? always : readCount('--count', values.count, 1);
    const left = untilLeft();
    return withGuest(name, values.timeout, async ({ client }) => {
      const picture = isLive ? openPicture(left) : undefined;
      const over = picture?.over ?? left;
      try {
        let before: Look | undefined;
        for (let round = 0; round < rounds && !over.aborted; round += 1) {
          if (round > 0) await pause(over);
          if (over.aborted) break;
          const now = await takeLook(client);
          if (values.json) await print(`${JSON.stringify(now)}\n`);
          else if (picture === undefined) await printLines(topLines(now, before, screenWidth()));
          else picture.show(topLines(now, before, screenWidth()));
          before = now;
        }
      } finally {
        picture?.close();
      }
      return EXIT_OK;
    });
  },
};

function pause(over: AbortSignal): Promise<void> {
  return delay(INTERVAL_MS, undefined, { signal: over }).catch(() => {
    // Left: the loop sees it.
  });
}
