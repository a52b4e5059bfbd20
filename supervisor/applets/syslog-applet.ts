/**
 * `syslog TARGETS`: the process that PID 1 starts where the image names receivers of its logs. TARGETS is the
 * list of them as JSON, in the shape of syslog/target.ts.
 */
import { hostname } from 'node:os';
import { CONTROL_SOCKET } from '../control/api.ts';
import { connectOverUnixSocket } from '../control/client.ts';
import { connectTarget } from '../syslog/connection.ts';
import { followLogs } from '../syslog/follow-logs.ts';
import { startSender } from '../syslog/sender.ts';
import type { SyslogTarget } from '../syslog/target.ts';

/** Does not end by itself. Exit code 2 for wrong usage. */
export async function syslogApplet(
  [targets, ...more]: readonly string[],
  socketPath: string = CONTROL_SOCKET,
): Promise<number> {
  if (targets === undefined || more.length > 0) {
    process.stderr.write('Usage: syslog TARGETS\n');
    return 2;
  }
  const nowMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
  const context = { connect: connectTarget, hostname, nowMs };
  const senders = (JSON.parse(targets) as readonly SyslogTarget[]).map((target) =>
    startSender(target, context),
  );
  await followLogs(
    connectOverUnixSocket(socketPath),
    {
      onLine: (line) => senders.forEach((sender) => sender.push(line)),
      onLost: (count) => senders.forEach((sender) => sender.countLost(count)),
    },
    new AbortController().signal,
  );
  return 0;
}
