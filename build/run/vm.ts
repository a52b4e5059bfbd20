/**
 * One virtual machine: a QEMU process, its serial line and its control socket. Used by `ishmael run`,
 * the VM tests and the bench. It knows nothing of terminals or of what runs in the guest.
 *
 * QEMU dies with the thread that started it (setpriv --pdeathsig): no machine outlives its command.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoCode } from '../../sys/errno.ts';
import { ARCHES, type ArchName } from '../arch.ts';
import { type HostTool, requireTools } from '../host-tools.ts';
import { ConsoleRecord } from './console-record.ts';
import { choosePorts } from './free-port.ts';
import { type FirmwareBoot, firmwareTools } from './firmware.ts';
import type { MachineDisk } from './machine-disk.ts';
import { CTRL_ALT_DEL, orderMachine, POWER_BUTTON } from './monitor.ts';
import type { PortForward } from './port-forward.ts';
import { type Accel, type BootSource, qemuArgs } from './qemu-args.ts';
import { VmError } from './vm-error.ts';

export type VmOptions = VmHardware & BootSource;

export interface VmHardware {
  /** The file that gets everything the serial line says; its folder is made. */
  readonly consoleLog: string;
  readonly accel: Accel;
  /** Of the kernel; default: amd64. */
  readonly arch?: ArchName;
  /** Default 512. */
  readonly memoryMiB?: number;
  /** Default 2. */
  readonly cpus?: number;
  /** Default true. */
  readonly network?: boolean;
  /** Host port 0: any free one, see `Vm.forwards`. */
  readonly publish?: readonly PortForward[];
  /** More devices, as QEMU's `-device` has them. */
  readonly devices?: readonly string[];
  /** Other ends of character devices, as QEMU's `-chardev` has them. */
  readonly chardevs?: readonly string[];
  readonly netdevs?: readonly string[];
  /** What those devices stand on, as QEMU's `-object` has it. */
  readonly objects?: readonly string[];
  /** As `MachineHardware.tpmSocket`. */
  readonly tpmSocket?: string;
  readonly disks?: readonly MachineDisk[];
  /** Serial lines after the first, each as QEMU's `-serial` has it. */
  readonly serialLines?: readonly string[];
  /** Default true: QEMU ends when the guest reboots. */
  readonly rebootEnds?: boolean;
  /** After so long QEMU is killed. Default: no limit. */
  readonly timeLimitMs?: number;
  /** Where QEMU's sockets are to lie: a folder that is there. Default: one that comes and goes with it. */
  readonly socketDir?: string;
}

export interface VmExit {
  /** QEMU's exit code: 0 after a poweroff. `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  /** `timeLimitMs` was over. */
  readonly timedOut: boolean;
  /** What QEMU itself complained about. */
  readonly stderr: string;
}

export interface Vm {
  readonly pid: number;
  /** `performance.now()` when QEMU was spawned. */
  readonly startedAt: number;
  readonly forwards: readonly PortForward[];
  /** The host's end of the guest's control port: one connection at a time. */
  readonly controlSocketPath: string;
  readonly consoleLogPath: string;
  /** The serial line's output, as it comes and as it was. */
  readonly console: ConsoleRecord;
  /** Types on the serial line. */
  sendConsole(bytes: Uint8Array | string): void;
  /** Presses the machine's power button; what comes of it is up to the guest. Throws `VmError`. */
  pressPowerButton(): Promise<void>;
  /** The same with ctrl-alt-del on its keyboard. */
  pressCtrlAltDel(): Promise<void>;
  /** Resolves when QEMU has ended, however it did. May be called more than once. */
  waitForExit(): Promise<VmExit>;
  /** Ends QEMU at once, as a power cut would, and waits for it. */
  kill(): Promise<VmExit>;
}

const SETPRIV: HostTool = {
  command: 'setpriv',
  package: 'util-linux',
  why: 'end the machine with its command',
};

/** Starts a machine. Throws `MissingToolError`, or `VmError` when QEMU refuses to start. */
export async function startVm(options: VmOptions): Promise<Vm> {
  const arch = options.arch ?? 'amd64';
  const { qemu: tool } = ARCHES[arch];
  const firmware = 'firmware' in options ? firmwareTools(options) : [];
  await requireTools([{ ...tool, why: 'run the machine' }, SETPRIV, ...firmware]);
  const forwards = await choosePorts(options.publish ?? []);
  await mkdir(dirname(options.consoleLog), { recursive: true });
  // A socket's path may have 107 bytes: not a place below a checkout or a test's folder.
  const sockets = options.socketDir ?? (await mkdtemp(join(tmpdir(), 'ishmael-vm-')));
  const serialSocket = join(sockets, 'serial');
  const controlSocket = join(sockets, 'control');
  const monitorSocket = join(sockets, 'monitor');
  const leftovers =
    options.socketDir === undefined ? [sockets] : [serialSocket, controlSocket, monitorSocket];
  const args = qemuArgs({
    ...bootOf(options),
    accel: options.accel,
    arch,
    memoryMiB: options.memoryMiB ?? 512,
    cpus: options.cpus ?? 2,
    network: options.network ?? true,
    publish: forwards,
    rebootEnds: options.rebootEnds ?? true,
    serialSocket,
    controlSocket,
    monitorSocket,
    devices: options.devices ?? [],
    chardevs: options.chardevs ?? [],
    netdevs: options.netdevs ?? [],
    objects: options.objects ?? [],
    ...(options.tpmSocket !== undefined && { tpmSocket: options.tpmSocket }),
    disks: options.disks ?? [],
    serialLines: options.serialLines ?? [],
    consoleLog: options.consoleLog,
  });
  const startedAt = performance.now();
  const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', '--', tool.command, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = watchExit(qemu, options.timeLimitMs, leftovers);
  const serial = await connectWhileAlive(serialSocket, exited);
  const record = new ConsoleRecord();
  serial.on('data', (chunk: Buffer) => record.append(chunk));
  return {
    pid: qemu.pid ?? 0,
    startedAt,
    forwards,
    controlSocketPath: controlSocket,
    consoleLogPath: options.consoleLog,
    console: record,
    sendConsole: (bytes) => void serial.write(bytes),
    pressPowerButton: () => orderMachine(monitorSocket, POWER_BUTTON),
    pressCtrlAltDel: () => orderMachine(monitorSocket, CTRL_ALT_DEL),
    waitForExit: () => exited,
    kill: async () => {
      qemu.kill('SIGKILL');
      return exited;
    },
  };
}

function bootOf(options: VmOptions): BootSource {
  if ('firmware' in options) {
    const { firmware, arch, bootDisk, variables }: FirmwareBoot = options;
    return { firmware, arch, bootDisk, ...(variables !== undefined && { variables }) };
  }
  const { kernel, initrd, cmdline, rootDisk } = options;
  return { kernel, initrd, cmdline, ...(rootDisk && { rootDisk }) };
}

async function watchExit(
  qemu: ChildProcess,
  timeLimitMs: number | undefined,
  leftovers: readonly string[],
): Promise<VmExit> {
  let stderr = '';
  let timedOut = false;
  qemu.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4096);
  });
  const timer =
    timeLimitMs === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          qemu.kill('SIGKILL');
        }, timeLimitMs);
  try {
    const [code, signal] = (await once(qemu, 'close')) as [number | null, string | null];
    return { code, signal, timedOut, stderr: withoutNotices(stderr) };
  } catch (error) {
    return { code: 127, signal: null, timedOut, stderr: String(error) };
  } finally {
    clearTimeout(timer);
    for (const path of leftovers) await rm(path, { recursive: true, force: true });
  }
}

/** QEMU's complaints without its notices: it says that it waits for our connection. */
function withoutNotices(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => !line.includes(': info: '))
    .join('\n')
    .trim();
}

async function connectWhileAlive(path: string, exited: Promise<VmExit>): Promise<Socket> {
  let exit: VmExit | undefined;
  void exited.then((value) => (exit = value));
  for (;;) {
    if (exit !== undefined) {
      const said = exit.stderr === '' ? `exit code ${exit.code}` : exit.stderr;
      throw new VmError('not-started', `Cannot start QEMU: ${said}`);
    }
    const socket = connect(path);
    try {
      await once(socket, 'connect');
      // QEMU's end is seen on the process; the socket's own errors say nothing more.
      return socket.on('error', () => {});
    } catch (error) {
      const code = errnoCode(error);
      if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw error;
      await delay(10);
    }
  }
}
