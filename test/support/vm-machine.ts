/**
 * A machine for one VM test file: its image built from a YAML, booted under emulation, with the control
 * API at hand. Everything it leaves (image, console.log) lies in dist/vm/CASE.
 */
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ArchName } from '../../build/arch.ts';
import { buildImage } from '../../build/cli/build-image.ts';
import { CHECKOUT } from '../../build/cli/checkout.ts';
import { InvalidConfigError } from '../../build/cli/cli-error.ts';
import type { OutputFormat } from '../../build/config/schema.ts';
import { withFileLock } from '../../build/file-lock.ts';
import { type RootName, rootPath } from '../../build/run/image-files.ts';
import type { MachineDisk } from '../../build/run/machine-disk.ts';
import { startMachine } from '../../build/run/start-machine.ts';
import type { Vm, VmExit } from '../../build/run/vm.ts';
import type {
  BootReport,
  HistoryEntry,
  LogLine,
  UnitStatus,
} from '../../supervisor/control/api.ts';
import { connectOverHttp2, ControlError } from '../../supervisor/control/client.ts';

export interface TestMachine {
  readonly vm: Vm;
  /** As it was when the boot was over. */
  readonly boot: BootReport;
  /** The host's port that leads to a published port of the guest. */
  hostPort(guestPort: number): number;
  get<T>(path: string): Promise<T>;
  post(path: string): Promise<void>;
  /** All lines of a followed stream, once the machine has ended it, or `signal` aborts. */
  follow<T>(path: string, onItem?: (item: T) => void, signal?: AbortSignal): Promise<T[]>;
  /** Lets somebody else have the port; the next request takes it again. */
  leavePort(): void;
  unit(id: string): Promise<UnitStatus>;
  logs(id: string): Promise<LogLine[]>;
  events(): Promise<HistoryEntry[]>;
  /** Asks until `look` finds something; throws with `what` when it never does. */
  waitFor<T>(what: string, look: () => Promise<T | undefined>, timeoutMs?: number): Promise<T>;
  /** Waits until QEMU ends by itself; throws when it does not. */
  ended(timeoutMs?: number): Promise<VmExit>;
}

export interface BootRequest {
  /** The case's folder, which gives it its name. */
  readonly folder: string;
  /** Default: `image.yml` in the folder. */
  readonly yaml?: string;
  /** Default: amd64. */
  readonly arch?: ArchName;
  /** The root is a file system on a disk of its own. Default: the initrd. */
  readonly root?: RootName;
  /** Makes the files of the image in another way than `ishmael build`. */
  readonly build?: (
    file: string,
    to: { readonly dir: string; readonly name: string },
  ) => Promise<void>;
  /** Ports of the guest to be reached from the host. */
  readonly ports?: readonly number[];
  /**
   * Default 1: two machines at once then fit on two processors. With more, each of them runs on a thread
   * of the emulator's, which now and then executes code that the other is patching ("Oops: int3" of the
   * guest's kernel, about one boot in a hundred); one case keeps two all the same.
   */
  readonly cpus?: number;
  /** Default 512. */
  readonly memoryMiB?: number;
  /** More devices, as QEMU's `-device` has them. */
  readonly devices?: readonly string[];
  /** Other ends of character devices, as QEMU's `-chardev` has them. */
  readonly chardevs?: readonly string[];
  /** QEMU's `-netdev`s after the first. */
  readonly netdevs?: readonly string[];
  /** Of several machines of one image; its console is recorded in a file of this name. Default: `console`. */
  readonly instance?: string;
  /** What those devices stand on, as QEMU's `-object` has it. */
  readonly objects?: readonly string[];
  /** Files of the host, as disks: of virtio, unless it says otherwise. */
  readonly disks?: readonly (string | MachineDisk)[];
  /** Of a TPM (tpm.ts). Default: the machine has none. */
  readonly tpmSocket?: string;
  /** Serial lines after the first, each as QEMU's `-serial` has it. */
  readonly serialLines?: readonly string[];
  /** Default 900,000: after so long QEMU is killed. */
  readonly caseLimitMs?: number;
  /** Default 240,000: so long the boot may take. */
  readonly bootLimitMs?: number;
}

/**
 * A boot under emulation on two busy cores takes 15 to 100 s, a whole case up to five minutes; there are machines
 * that need half as much again. Only what fails waits so long.
 */
const CASE_LIMIT_MS = 900_000;
const BOOT_LIMIT_MS = 240_000;
const PATIENCE_MS = 150_000;
const ATTEMPT_MS = 5_000;
const INTERVAL_MS = 250;

/** Builds and boots a machine that ends before its boot is over; its serial line is in `vm.console`. */
export async function bootUntilEnd(request: BootRequest): Promise<{ vm: Vm; exit: VmExit }> {
  const vm = await buildAndStart(request);
  try {
    return { vm, exit: await machineOf(vm).ended(BOOT_LIMIT_MS) };
  } finally {
    await vm.kill();
  }
}

/** Builds and boots; resolves when the boot is over: every service has run or failed once. */
export async function bootMachine(request: BootRequest): Promise<TestMachine> {
  const vm = await buildAndStart(request);
  try {
    const machine = machineOf(vm);
    const boot = await machine.waitFor(
      'the end of the boot',
      async () => settledReport(await machine.get<BootReport>('/v1/boot')),
      request.bootLimitMs ?? BOOT_LIMIT_MS,
    );
    return { ...machine, boot };
  } catch (error) {
    await vm.kill();
    throw error;
  }
}

/** Builds and boots, and waits for nothing. */
export async function buildAndStart(request: BootRequest): Promise<Vm> {
  const {
    folder,
    yaml,
    ports = [],
    devices = [],
    chardevs = [],
    netdevs = [],
    objects = [],
    disks = [],
    serialLines = [],
    tpmSocket,
    cpus = 1,
    memoryMiB = 512,
    instance = 'console',
    root,
  } = request;
  const { caseLimitMs = CASE_LIMIT_MS } = request;
  const name = basename(folder);
  const dir = join(CHECKOUT, 'dist/vm', name);
  await mkdir(dir, { recursive: true });
  const file = yaml ?? join(folder, 'image.yml');
  if (request.build === undefined) await build(file, dir, name, { ...request });
  else await withBuildLock(() => request.build?.(file, { dir, name }));
  return startMachine(
    {
      dir,
      name,
      ...(root && {
        root: {
          kind: root,
          disk: { path: rootPath(dir, name, root), bus: 'virtio', readonly: true },
        },
      }),
      accel: 'tcg',
      consoleLog: join(dir, `${instance}.log`),
      memoryMiB,
      cpus,
      network: true,
      publish: ports.map((guest) => ({ host: 0, guest })),
      devices,
      chardevs,
      netdevs,
      objects,
      disks: disks.map((disk) => (typeof disk === 'string' ? { path: disk, bus: 'virtio' } : disk)),
      serialLines,
      ...(tpmSocket !== undefined && { tpmSocket }),
      rebootEnds: true,
      timeLimitMs: caseLimitMs,
    },
    () => {},
  );
}

/** Builds the `image.yml` of a case's folder; the image has the folder's name. */
export async function buildCase(folder: string): Promise<{ dir: string; name: string }> {
  const name = basename(folder);
  const dir = join(CHECKOUT, 'dist/vm', name);
  await mkdir(dir, { recursive: true });
  await build(join(folder, 'image.yml'), dir, name);
  return { dir, name };
}

const ROOT_FORMATS: Record<RootName, OutputFormat> = {
  squashfs: 'kernel+squashfs',
  erofs: 'kernel+erofs',
  iso: 'kernel+iso',
};

/** Two files at once would compress the same component twice; one after the other finds it made. */
async function build(
  file: string,
  dir: string,
  name: string,
  { arch = 'amd64', root }: Pick<BootRequest, 'arch' | 'root'> = {},
): Promise<void> {
  const request = { file, dir, name, arch, components: true, compression: 'quick' } as const;
  const formats = root && { formats: [ROOT_FORMATS[root]] };
  try {
    await withBuildLock(() => buildImage({ ...request, ...formats, progress: () => {} }));
  } catch (error) {
    if (!(error instanceof InvalidConfigError)) throw error;
    throw new Error(error.rendered, { cause: error });
  }
}

async function withBuildLock(run: () => Promise<unknown> | undefined): Promise<void> {
  await withFileLock(join(CHECKOUT, 'dist/vm/build.lock'), async () => void (await run()));
}

function settledReport(report: BootReport): BootReport | undefined {
  return report.milestones['settled'] === undefined ? undefined : report;
}

function machineOf(vm: Vm): Omit<TestMachine, 'boot'> {
  const client = connectOverHttp2(() => connect(vm.controlSocketPath), { timeoutMs: ATTEMPT_MS });
  let exit: VmExit | undefined;
  void (async (): Promise<void> => {
    exit = await vm.waitForExit();
    client.close();
  })();

  const fail = (what: string, cause?: unknown): Error =>
    new Error(`${what}: waited in vain, see ${vm.consoleLogPath}`, { cause });

  async function waitFor<T>(
    what: string,
    look: () => Promise<T | undefined>,
    timeoutMs: number = PATIENCE_MS,
  ): Promise<T> {
    const deadline = performance.now() + timeoutMs;
    let last: unknown;
    for (;;) {
      if (exit !== undefined) throw fail(`${what} (QEMU has ended with ${exit.code})`);
      const found = await look().catch((error: unknown) => {
        if (!isUnreachable(error)) throw error;
        last = error;
        // Bytes written before the guest opened its end are lost: only a new connection helps.
        client.close();
      });
      if (found !== undefined) return found;
      if (performance.now() > deadline) throw fail(what, last);
      await delay(INTERVAL_MS);
    }
  }

  async function follow<T>(
    path: string,
    onItem?: (item: T) => void,
    signal?: AbortSignal,
  ): Promise<T[]> {
    const items: T[] = [];
    const take = (item: T): void => {
      items.push(item);
      onItem?.(item);
    };
    await client.stream<T>(path, take, signal).catch((error: unknown) => {
      // The machine is gone, and with it the bridge: that is how a followed stream ends.
      if (!isUnreachable(error)) throw error;
    });
    return items;
  }

  return {
    vm,
    waitFor,
    follow,
    hostPort(guestPort) {
      const forward = vm.forwards.find(({ guest }) => guest === guestPort);
      if (forward === undefined) throw new Error(`Port ${guestPort} is not published`);
      return forward.host;
    },
    leavePort: () => client.close(),
    get: (path) => client.get(path),
    post: async (path) => void (await client.post(path)),
    unit: (id) => client.get(`/v1/services/${id}`),
    logs: (id) => follow(`/v1/services/${id}/logs?tail=1000`),
    events: () => follow('/v1/events'),
    async ended(timeoutMs = PATIENCE_MS) {
      const late = delay(timeoutMs, undefined, { ref: false });
      const end = await Promise.race([vm.waitForExit(), late]);
      if (end === undefined) throw fail('the end of QEMU');
      return end;
    },
  };
}

/** `internal` is also what the bridge says while PID 1 is being executed again. */
const GONE: readonly string[] = ['unreachable', 'timed-out', 'internal'];

function isUnreachable(error: unknown): boolean {
  return error instanceof ControlError && GONE.includes(error.code);
}
