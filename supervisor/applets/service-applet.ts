/**
 * LinuxKit's /usr/bin/service: `start`, `stop` and `restart` of a service, which return when it is done. Exit codes are
 * that command's: 0 done, 1 everything else.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '../../sys/errno.ts';
import { CONTROL_SOCKET, type UnitStatus } from '../control/api.ts';
import { connectOverUnixSocket, type ControlClient, ControlError } from '../control/client.ts';

const USAGE = `USAGE: service COMMAND NAME

Commands:
  start    Start a service
  stop     Stop a service: its stop signal, and force after its grace time
  restart  Restart a service
`;

const ACTIONS = ['start', 'stop', 'restart'] as const;
type Action = (typeof ACTIONS)[number];

const LOOK_MS = 100;
/** More than a service may take to be ready, and to end, by default. */
const PATIENCE_MS = 120_000;

/** What the links in /etc/init.d do by their names, and what there is no need for here: PID 1 does it all. */
const FULFILLED = 'system-init';

export async function serviceApplet(
  args: readonly string[],
  client: ControlClient = connectOverUnixSocket(CONTROL_SOCKET),
): Promise<number> {
  const [word, name, ...rest] = args.filter((arg) => arg !== '-q' && arg !== '-v');
  if (word === FULFILLED) return 0;
  const action = ACTIONS.find((known) => known === word);
  if (action === undefined || name === undefined || name.startsWith('-') || rest.length > 0) {
    process.stderr.write(USAGE);
    return 1;
  }
  try {
    const problem = await perform(client, action, name);
    if (problem === undefined) return 0;
    process.stderr.write(`service ${action} ${name}: ${problem}\n`);
  } catch (error) {
    process.stderr.write(`service ${action} ${name}: ${errorMessage(error)}\n`);
  }
  return 1;
}

/** Resolves with what went wrong. */
async function perform(
  client: ControlClient,
  action: Action,
  name: string,
): Promise<string | undefined> {
  const path = `/v1/services/${encodeURIComponent(name)}`;
  const before = await find(client, path);
  if (before?.kind !== 'service') return 'there is no such service';
  const { pid } = before;
  await client.post(`${path}/${action}`);
  for (let left = PATIENCE_MS; left > 0; left -= LOOK_MS) {
    const unit = await client.get<UnitStatus>(path);
    if (action === 'stop' ? isDown(unit) : unit.state === 'running') {
      // Of a restart the old run may still be to be seen.
      if (action !== 'restart' || unit.pid !== pid) return undefined;
    } else if (action !== 'stop' && unit.state === 'failed') {
      return unit.reason;
    }
    await delay(LOOK_MS);
  }
  return 'it takes too long; it goes on';
}

function isDown({ state }: UnitStatus): boolean {
  return state === 'stopped' || state === 'finished' || state === 'failed';
}

async function find(client: ControlClient, path: string): Promise<UnitStatus | undefined> {
  try {
    return await client.get<UnitStatus>(path);
  } catch (error) {
    if (error instanceof ControlError && error.code === 'not-found') return undefined;
    throw error;
  }
}
