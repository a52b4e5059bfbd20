/**
 * What our machine tells of its boot. Memory first and on the serial console, where the baseline is
 * asked too: a host that connects to the control API is given a process to talk to.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { BootReport, LogLine, MachineInfo } from '../../supervisor/control/api.ts';
import type { ControlClient } from '../../supervisor/control/client.ts';
import { askGuest } from '../../build/run/guest-api.ts';
import type { Vm } from '../../build/run/vm.ts';
import type { Inside } from './boot-machine.ts';
import { parseRedisLine, redisInstants } from './redis-log.ts';
import { wallClockOffset } from './wall-clock.ts';

const LIMIT_MS = 60_000;
const MEMORY_USED = /\d+ of \d+ MiB of memory used/g;

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
  const memoryUsedKiB = await askConsole(vm);
  const { machine, report, log } = await askGuest(vm.controlSocketPath, ask, LIMIT_MS);
  return {
    instants: instantsOf(report, log),
    memoryUsedKiB,
    connectedMemoryUsedKiB: machine.memory.totalKiB - machine.memory.availableKiB,
    initRssAnonKiB: machine.init.rssAnonKiB,
    initThreads: machine.init.threads,
    report,
  };
}

async function askConsole(vm: Vm): Promise<number> {
  const answers = (): string[] => vm.console.text().match(MEMORY_USED) ?? [];
  const before = answers().length;
  vm.sendConsole('status\n');
  const deadline = performance.now() + LIMIT_MS;
  while (answers().length === before) {
    if (performance.now() > deadline) throw new Error('The console does not tell its memory');
    await delay(50);
  }
  return Number.parseInt(answers().at(-1) ?? '', 10) * 1024;
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
