/** What our machine tells of its boot, through the control API. */
import type { BootReport, LogLine, MachineInfo } from '../../supervisor/control/api.ts';
import type { ControlClient } from '../../supervisor/control/client.ts';
import { askGuest } from '../../build/run/guest-api.ts';
import type { Vm } from '../../build/run/vm.ts';
import type { Inside } from './boot-machine.ts';
import { parseRedisLine, redisInstants } from './redis-log.ts';
import { wallClockOffset } from './wall-clock.ts';

const LIMIT_MS = 60_000;

/** Memory first: what is asked after it costs some itself. */
async function ask(guest: ControlClient): Promise<{
  readonly machine: MachineInfo;
  readonly report: BootReport;
  readonly log: readonly LogLine[];
}> {
  const machine = await guest.get<MachineInfo>('/v1/machine');
  const report = await guest.get<BootReport>('/v1/boot');
  const log: LogLine[] = [];
  await guest.stream<LogLine>('/v1/services/redis/logs?tail=100', (line) => {
    log.push(line);
  });
  return { machine, report, log };
}

export async function inspectIshmael(vm: Vm): Promise<Inside> {
  const { machine, report, log } = await askGuest(vm.controlSocketPath, ask, LIMIT_MS);
  return {
    instants: instantsOf(report, log),
    memoryUsedKiB: machine.memory.totalKiB - machine.memory.availableKiB,
    initRssAnonKiB: machine.init.rssAnonKiB,
    initThreads: machine.init.threads,
    report,
  };
}

function instantsOf(report: BootReport, log: readonly LogLine[]): Inside['instants'] {
  const offset = wallClockOffset(log);
  const milestone = (name: string): number => {
    const atMs = report.milestones[name];
    if (atMs === undefined) throw new Error(`The boot report has no milestone "${name}"`);
    return atMs + offset;
  };
  const { began, ready } = redisInstants(
    log.map(({ text }) => parseRedisLine(text)).filter((line) => line !== undefined),
  );
  if (began === undefined || ready === undefined) throw new Error("Redis' log is not understood");
  return {
    nodeStart: milestone('exec'),
    program: milestone('script'),
    mounts: milestone('mounts'),
    services: milestone('services'),
    redisBegan: began,
    redisReady: ready,
  };
}
