/**
 * One boot, watched from outside: the same way, with the same machine, whatever is in the initrd. What
 * only the inside can tell is asked afterwards, by `inspect`, when it disturbs nothing any more.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { BootReport } from '../../supervisor/control/api.ts';
import { errorMessage } from '../../sys/errno.ts';
import { imageFiles } from '../../build/run/image-files.ts';
import { startVm, type Vm } from '../../build/run/vm.ts';
import { createTimedText, initStamp, RUN_INIT } from './console-lines.ts';
import type { Boot, Instants } from './figures.ts';
import { firstPong, guestClockOffset } from './redis-clock.ts';

/** Long enough for everything that was still starting to have come to rest. */
const SETTLE_MS = 10_000;
const KERNEL_LIMIT_MS = 60_000;
const PONG_LIMIT_MS = 60_000;
const VM_LIMIT_MS = 180_000;
const REDIS_PORT = 6379;

export interface Inside {
  /** By the guest's wall clock, in milliseconds since the epoch. */
  readonly instants: Omit<Instants, 'pong'>;
  readonly memoryUsedKiB: number;
  /** The same with a host connected to the control API, which the baseline has not. */
  readonly connectedMemoryUsedKiB?: number;
  readonly initRssAnonKiB: number;
  readonly initThreads: number;
  readonly report?: BootReport;
}

export interface BootRequest {
  readonly dir: string;
  readonly name: string;
  readonly consoleLog: string;
}

/** @param inspect is called once the machine has settled */
export async function bootMachine(
  request: BootRequest,
  inspect: (vm: Vm) => Promise<Inside>,
): Promise<Boot> {
  return withMachine(request, async (vm) => {
    const { initAt, stampMs } = await handOver(vm);
    const { pongAt, offset } = await redisAnswers(vm);
    await delay(SETTLE_MS);
    const { instants, ...atRest } = await inspect(vm);
    const since = (epochMs: number): number => epochMs + offset - initAt;
    return {
      qemuToInitMs: initAt - vm.startedAt,
      kernelStampMs: stampMs,
      sinceInit: { ...mapInstants(instants, since), pong: pongAt - initAt },
      ...atRest,
    };
  });
}

/** Boots, measures nothing, and hands back what `inspect` found in the settled machine. */
export async function observeMachine<T>(
  request: BootRequest,
  inspect: (vm: Vm) => Promise<T>,
): Promise<T> {
  return withMachine(request, async (vm) => {
    await redisAnswers(vm);
    await delay(SETTLE_MS);
    return inspect(vm);
  });
}

async function withMachine<T>(
  { dir, name, consoleLog }: BootRequest,
  use: (vm: Vm) => Promise<T>,
): Promise<T> {
  const files = imageFiles(dir, name);
  const vm = await startVm({
    ...files,
    cmdline: (await readFile(files.cmdline, 'utf8')).trim(),
    consoleLog,
    accel: 'tcg',
    publish: [{ host: 0, guest: REDIS_PORT }],
    timeLimitMs: VM_LIMIT_MS,
  });
  try {
    return await use(vm);
  } catch (error) {
    throw new Error(`${errorMessage(error)}\nThe machine's console: ${consoleLog}`, {
      cause: error,
    });
  } finally {
    await vm.kill();
  }
}

async function redisAnswers(vm: Vm): Promise<{ pongAt: number; offset: number }> {
  const port = vm.forwards[0]?.host ?? 0;
  const pongAt = await firstPong(port, AbortSignal.timeout(PONG_LIMIT_MS));
  if (pongAt === undefined) throw new Error('Redis never answered');
  return { pongAt, offset: await guestClockOffset(port) };
}

async function handOver(vm: Vm): Promise<{ initAt: number; stampMs: number }> {
  const lines = createTimedText();
  const unsubscribe = vm.console.subscribe((bytes) => lines.append(bytes, performance.now()));
  await vm.console.waitFor(RUN_INIT, KERNEL_LIMIT_MS).finally(unsubscribe);
  const initAt = lines.arrivalOf(RUN_INIT);
  const stampMs = initStamp(lines.text());
  if (initAt === undefined || stampMs === undefined) throw new Error('The kernel never ran /init');
  return { initAt, stampMs };
}

function mapInstants(
  { nodeStart, ...instants }: Inside['instants'],
  map: (epochMs: number) => number,
): Omit<Instants, 'pong'> {
  return {
    ...(nodeStart === undefined ? {} : { nodeStart: map(nodeStart) }),
    program: map(instants.program),
    mounts: map(instants.mounts),
    services: map(instants.services),
    redisBegan: map(instants.redisBegan),
    redisReady: map(instants.redisReady),
  };
}
