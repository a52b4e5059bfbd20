/**
 * `memlogd`: what LinuxKit's memlogd offers, over the machine's own logs. PID 1 starts it where an image of LinuxKit's
 * builder asks for it (init/linuxkit/wants-memlogd.ts).
 */
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import { CONTROL_SOCKET } from '../control/api.ts';
import { connectOverUnixSocket } from '../control/client.ts';
import { entryOf, sourceOf } from '../memlogd/entry.ts';
import { LogHub } from '../memlogd/log-hub.ts';
import { serveQueries } from '../memlogd/query-server.ts';
import { receiveLogs } from '../memlogd/receive-logs.ts';
import { followLogs } from '../syslog/follow-logs.ts';

export interface MemlogdPlaces {
  readonly log: string;
  readonly query: string;
  readonly control: string;
}

/** LinuxKit's paths, /var/run being /run. */
const PLACES: MemlogdPlaces = {
  log: '/run/linuxkit-external-logging.sock',
  query: '/run/memlogdq.sock',
  control: CONTROL_SOCKET,
};

/** Does not end by itself. Exit code 2 for wrong usage. */
export async function memlogdApplet(
  args: readonly string[],
  places: MemlogdPlaces = PLACES,
): Promise<number> {
  if (args.length > 0) {
    process.stderr.write('Usage: memlogd, started by process 1\n');
    return 2;
  }
  const hub = new LogHub();
  const add = (source: string, text: string): void => hub.add(entryOf(source, text, Date.now()));
  receiveLogs(createLinuxSys(), places.log, {
    onLine: add,
    onProblem: (text) => add('memlogd', text),
  });
  await serveQueries(hub, places.query);
  await followLogs(
    connectOverUnixSocket(places.control),
    {
      // Asked again for each line: the clock may have been set since it was written.
      onLine: (line) => hub.add(entryOf(sourceOf(line), line.text, wallMs(line.atMs))),
      onLost: (count) => add('memlogd', `${count} lines lost`),
    },
    new AbortController().signal,
  );
  return 0;
}

/** @param atMs of CLOCK_MONOTONIC */
function wallMs(atMs: number): number {
  return Date.now() - Number(process.hrtime.bigint() / 1000n) / 1000 + atMs;
}
