/** What the control API's server asks of the machine around it, and orders. */
import type { Socket } from 'node:net';
import type {
  BootReport,
  CrashReport,
  HistoryEntry,
  LogLine,
  LoopDelay,
  MachineInfo,
  HealthReport,
  MachineLogLine,
  MachineLogName,
  MountInfo,
  ProcessInfo,
  UnitStatus,
} from './api.ts';
import type {
  BlockDevice,
  CpuInfo,
  ImageInfo,
  MachineMount,
  MemoryInfo,
  PressureInfo,
} from './api-machine.ts';
import type { ListeningSocket, NetworkInterface, NetworkRoute } from './api-network.ts';
import type { UnitUsage, UsageSummary } from './api-usage.ts';
import type { Manifest } from '../manifest.ts';
import type { ServiceAction } from './route.ts';

/** Thrown by a `ControlPort` for what is possible at another time only; the message says when. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** What the server may ask and order. `undefined` means that there is no such unit. */
export interface ControlPort {
  machine(): MachineInfo;
  image(): ImageInfo;
  /** JSON; `undefined` when the image was built without it. */
  sbom(): string | undefined;
  /** The manifest; `undefined` when the image has none. */
  config(): Partial<Manifest> | undefined;
  boot(): BootReport;
  /** `undefined` when the run before has left nothing. */
  crash(): CrashReport | undefined;
  cpu(): CpuInfo;
  memory(): MemoryInfo;
  pressure(): PressureInfo;
  disks(): BlockDevice[];
  machineMounts(): MachineMount[];
  network(): NetworkInterface[];
  routes(): NetworkRoute[];
  /** Takes a moment, in which PID 1 goes on. */
  sockets(): Promise<ListeningSocket[]>;
  units(): UnitStatus[];
  unit(id: string): UnitStatus | undefined;
  usage(): UsageSummary[];
  /** `undefined`: no such unit, or it has no cgroup of its own now. */
  unitUsage(id: string): UnitUsage | undefined;
  processes(id: string): ProcessInfo[] | undefined;
  /** `undefined`: no such unit, or it has no health check now. */
  health(id: string): HealthReport | undefined;
  mounts(id: string): MountInfo[] | undefined;
  logs(id: string): Feed<LogLine> | undefined;
  /** `undefined` when the machine has none: a kernel without /dev/kmsg. */
  machineLog(name: MachineLogName): Feed<LogLine> | undefined;
  allLogs(): {
    recent(): Iterable<MachineLogLine>;
    follow(listener: (line: MachineLogLine) => void): () => void;
  };
  events(): Feed<HistoryEntry>;
  loopDelay(): Feed<LoopDelay>;
  /** Whether there is such a service; tasks and our own processes are nobody's to start and stop. */
  act(id: string, action: ServiceAction): boolean;
  /** To the first process of a service. As `act`; throws `RefusedError` when it does not run. */
  signal(id: string, signal: number): boolean;
  /**
   * Hands the connection of a client to a process that runs a command in the unit's container; it is closed
   * here afterwards. As `act`; throws `RefusedError` when the unit does not run, when too many such processes
   * do, or when this machine is not for that.
   */
  exec(id: string, connection: Socket): boolean;
  /** Hands the connection on as `exec` does. Throws `RefusedError` when an image has no place, or another update is under way. */
  update(connection: Socket): void;
  end(how: 'poweroff' | 'reboot'): void;
  /** Out of emergency mode. */
  resume(): void;
}

/** What there is, and what comes. `follow` returns the function that ends it. */
export interface Feed<T> {
  recent(count: number): T[];
  follow(listener: (item: T) => void): () => void;
}
