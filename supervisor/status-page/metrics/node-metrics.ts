/**
 * The machine under the names that node_exporter has made usual. Pure. Memory goes by the names of its ports to
 * other systems (`node_memory_total_bytes`): those for Linux (`node_memory_MemTotal_bytes`) break the naming rules.
 */
import type { CpuTimes, Pressure } from '../../control/api-machine.ts';
import type { NetworkInterface } from '../../control/api-network.ts';
import { type Family, type Sample, single } from './exposition.ts';
import type { MetricFacts } from './metric-facts.ts';

const MODES: readonly (readonly [string, keyof CpuTimes])[] = [
  ['user', 'userMs'],
  ['nice', 'niceMs'],
  ['system', 'systemMs'],
  ['idle', 'idleMs'],
  ['iowait', 'ioWaitMs'],
  ['irq', 'irqMs'],
  ['softirq', 'softIrqMs'],
  ['steal', 'stealMs'],
];

/** @param nowMs of the wall clock */
export function nodeMetrics(facts: MetricFacts, nowMs: number): Family[] {
  const { machine, cpu, image } = facts;
  const cpuSamples = cpu.cpus.flatMap((times) =>
    MODES.map(([mode, key]): Sample => ({
      labels: { cpu: String(times.cpu), mode },
      value: times[key] / 1000,
    })),
  );
  const uname = { release: machine.kernel, nodename: machine.hostname, sysname: 'Linux' };
  return [
    {
      name: 'node_uname_info',
      type: 'gauge',
      help: 'The kernel and the host name.',
      samples: [{ labels: uname, value: 1 }],
    },
    {
      name: 'ishmael_image_info',
      type: 'gauge',
      help: 'The image that the machine runs.',
      samples: [{ labels: { name: image.name, digest: image.digest ?? '' }, value: 1 }],
    },
    {
      name: 'node_cpu_seconds_total',
      type: 'counter',
      help: 'Time that each processor has spent in each mode.',
      samples: cpuSamples,
    },
    single(
      'gauge',
      'node_boot_time_seconds',
      'When the kernel started.',
      Math.round((nowMs - machine.uptimeMs) / 1000),
    ),
    single('gauge', 'node_load1', 'Load average over one minute.', machine.load.one),
    single('gauge', 'node_load5', 'Load average over five minutes.', machine.load.five),
    single('gauge', 'node_load15', 'Load average over fifteen minutes.', machine.load.fifteen),
    single('counter', 'node_context_switches_total', 'Context switches.', cpu.contextSwitches),
    single('counter', 'node_forks_total', 'Processes made.', cpu.forks),
    single('gauge', 'node_procs_running', 'Threads that run or could.', cpu.running),
    single('gauge', 'node_procs_blocked', 'Threads that wait for a disk.', cpu.blocked),
    ...memoryMetrics(facts),
    ...pressureMetrics(facts),
    ...diskMetrics(facts),
    ...filesystemMetrics(facts),
    ...networkMetrics(facts),
  ];
}

function memoryMetrics({ memory }: MetricFacts): Family[] {
  const rows: readonly (readonly [string, number, string])[] = [
    ['total', memory.totalKiB, 'All memory.'],
    ['free', memory.freeKiB, 'Memory used for nothing.'],
    ['available', memory.availableKiB, 'Memory to be had without swapping.'],
    ['buffers', memory.buffersKiB, 'Buffers of block devices.'],
    ['cached', memory.cachedKiB, 'Contents of files, those of tmpfs among them.'],
    ['shmem', memory.shmemKiB, 'Files of tmpfs and shared memory.'],
    ['slab', memory.slabKiB, 'Objects of the kernel.'],
    ['swap_total', memory.swapTotalKiB, 'All swap space.'],
    ['swap_free', memory.swapFreeKiB, 'Swap space used for nothing.'],
  ];
  return rows.map(([name, kib, help]) =>
    single('gauge', `node_memory_${name}_bytes`, help, kib * 1024),
  );
}

function pressureMetrics({ pressure }: MetricFacts): Family[] {
  const row = (
    name: string,
    help: string,
    of: Pressure | undefined,
    kind: keyof Pressure,
  ): Family => {
    const micros = of?.[kind]?.totalUs;
    const value = micros === undefined ? undefined : micros / 1_000_000;
    return single('counter', `node_pressure_${name}_seconds_total`, help, value);
  };
  return [
    row('cpu_waiting', 'Time in which somebody waited for a processor.', pressure.cpu, 'some'),
    row('memory_waiting', 'Time in which somebody waited for memory.', pressure.memory, 'some'),
    row('memory_stalled', 'Time in which all waited for memory.', pressure.memory, 'full'),
    row('io_waiting', 'Time in which somebody waited for a disk.', pressure.io, 'some'),
    row('io_stalled', 'Time in which all waited for a disk.', pressure.io, 'full'),
  ];
}

function diskMetrics({ disks }: MetricFacts): Family[] {
  const row = (
    name: string,
    help: string,
    of: (disk: MetricFacts['disks'][number]) => number,
  ): Family => ({
    name: `node_disk_${name}_total`,
    type: 'counter',
    help,
    samples: disks.map((disk) => ({ labels: { device: disk.name }, value: of(disk) })),
  });
  return [
    row('reads_completed', 'Reads that have ended.', ({ reads }) => reads),
    row('read_bytes', 'Bytes read.', ({ readBytes }) => readBytes),
    row('writes_completed', 'Writes that have ended.', ({ writes }) => writes),
    row('written_bytes', 'Bytes written.', ({ writtenBytes }) => writtenBytes),
    row(
      'io_time_seconds',
      'Time in which something was asked of the disk.',
      ({ busyMs }) => busyMs / 1000,
    ),
  ];
}

function filesystemMetrics({ mounts }: MetricFacts): Family[] {
  // What is mounted over another can have the same name, and two samples may not.
  const byTarget = new Map(mounts.map((mount) => [mount.target, mount]));
  const row = (
    name: string,
    help: string,
    key: 'totalBytes' | 'freeBytes' | 'availableBytes',
  ): Family => ({
    name: `node_filesystem_${name}_bytes`,
    type: 'gauge',
    help,
    samples: [...byTarget.values()].flatMap(({ target, fstype, source, space }) =>
      space === undefined
        ? []
        : [{ labels: { device: source, fstype, mountpoint: target }, value: space[key] }],
    ),
  });
  return [
    row('size', 'Size of the filesystem.', 'totalBytes'),
    row('free', 'Free space.', 'freeBytes'),
    row('avail', 'Free space for others than root.', 'availableBytes'),
  ];
}

function networkMetrics({ network }: MetricFacts): Family[] {
  const row = (
    direction: 'receive' | 'transmit',
    what: string,
    help: string,
    of: (link: NetworkInterface) => number,
  ): Family => ({
    name: `node_network_${direction}_${what}_total`,
    type: 'counter',
    help,
    samples: network.map((link) => ({ labels: { device: link.name }, value: of(link) })),
  });
  return [
    {
      name: 'node_network_up',
      type: 'gauge',
      help: 'Whether the interface is up.',
      samples: network.map(({ name, state }) => ({
        labels: { device: name },
        value: state === 'up' ? 1 : 0,
      })),
    },
    row('receive', 'bytes', 'Bytes received.', ({ received }) => received.bytes),
    row('receive', 'packets', 'Packets received.', ({ received }) => received.packets),
    row('receive', 'errs', 'Packets received wrong.', ({ received }) => received.errors),
    row('receive', 'drop', 'Packets dropped on receipt.', ({ received }) => received.dropped),
    row('transmit', 'bytes', 'Bytes sent.', ({ sent }) => sent.bytes),
    row('transmit', 'packets', 'Packets sent.', ({ sent }) => sent.packets),
    row('transmit', 'errs', 'Packets that could not be sent.', ({ sent }) => sent.errors),
    row('transmit', 'drop', 'Packets dropped instead of sent.', ({ sent }) => sent.dropped),
  ];
}
