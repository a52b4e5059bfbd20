import { describe, expect, test } from 'vitest';
import { diskLines } from '../../../../supervisor/console/disk-view.ts';
import { memoryLines } from '../../../../supervisor/console/memory-view.ts';
import { networkLines } from '../../../../supervisor/console/network-view.ts';
import { processLines } from '../../../../supervisor/console/process-view.ts';
import { percentText, sizeText } from '../../../../supervisor/view/size-text.ts';
import { type Look, topLines } from '../../../../supervisor/view/top-view.ts';
import type {
  BlockDevice,
  CpuTimes,
  MemoryInfo,
} from '../../../../supervisor/control/api-machine.ts';
import type { NetworkInterface } from '../../../../supervisor/control/api-network.ts';
import type { ProcessInfo, UnitStatus } from '../../../../supervisor/control/api.ts';
import { unitStatus } from '../../../support/unit-status.ts';

const NOTHING = { packets: 0, bytes: 0, errors: 0, dropped: 0 };

const MEMORY: MemoryInfo = {
  totalKiB: 500_000,
  freeKiB: 200_000,
  availableKiB: 300_000,
  buffersKiB: 1_000,
  cachedKiB: 100_000,
  shmemKiB: 60_000,
  anonymousKiB: 50_000,
  slabKiB: 30_000,
  slabReclaimableKiB: 10_000,
  kernelStackKiB: 1_000,
  pageTablesKiB: 1_000,
  dirtyKiB: 0,
  writebackKiB: 0,
  swapTotalKiB: 0,
  swapFreeKiB: 0,
  committedKiB: 0,
};

describe('sizeText()', () => {
  test.each([
    [0, '0B'],
    [999, '999B'],
    [1_000, '1.0K'],
    [10_200, '10K'],
    [64 * 1024 * 1024, '64M'],
    [1.5 * 1024 ** 3, '1.5G'],
    [-1, '0B'],
  ])('%d is %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  test('percentText() has no share of nothing', () => {
    expect([percentText(1, 3), percentText(0, 0)]).toEqual(['33%', '-']);
  });
});

test('memoryLines() say what it is used for, and the units that use most first', () => {
  const usage = [
    { id: 'small', cpuUs: 0, memoryBytes: 1024 * 1024, pids: 1 },
    { id: 'large\x1b[2J', cpuUs: 0, memoryBytes: 100 * 1024 * 1024, pids: 3 },
  ];
  const share = { avg10: 1, avg60: 2.5, avg300: 3, totalUs: 4 };
  expect(memoryLines({ memory: MEMORY, usage, pressure: { memory: { some: share } } }, 80)).toEqual(
    [
      '488M of memory; waited for 2.5% of the last minute',
      'WHAT             SIZE  SHARE',
      'available        293M    60%',
      'free             195M    40%',
      'programs          49M    10%',
      'files in memory   59M    12%',
      'cache of files    40M     8%',
      'kernel            31M     6%',
      '',
      'UNIT        MEMORY  SHARE  PROCESSES',
      'large^[[2J    100M    20%          3',
      'small         1.0M     0%          1',
    ],
  );
});

test('networkLines() show interfaces, ways and who listens', () => {
  const eth0: NetworkInterface = {
    name: 'eth0',
    mac: '',
    addresses: ['10.0.2.15/24'],
    enabled: true,
    carrier: true,
    state: 'up',
    mtu: 1500,
    received: { ...NOTHING, bytes: 2_048 },
    sent: { ...NOTHING, dropped: 3 },
  };
  const interfaces = [eth0, { ...eth0, name: 'eth1', addresses: [], carrier: false }];
  const route = { family: 'ipv4', type: 'unicast', metric: 1002, table: 254 } as const;
  const routes = [
    { ...route, destination: 'default', gateway: '10.0.2.2', interface: 'eth0', protocol: 'dhcp' },
    { ...route, destination: '10.9.0.0/16', type: 'blackhole', protocol: 'static' } as const,
  ];
  const sockets = [
    { protocol: 'tcp', address: '::', port: 6379, unit: 'redis', pid: 87, command: 'redis' },
    { protocol: 'udp', address: '0.0.0.0', port: 68 },
    { protocol: 'unix', path: '/run/x' },
  ] as const;
  expect(networkLines({ interfaces, routes, sockets }, 80)).toEqual([
    'INTERFACE  STATE     ADDRESSES       IN  OUT  ERRORS  DROPPED',
    'eth0       up        10.0.2.15/24  2.0K   0B       0        3',
    'eth1       no cable  -             2.0K   0B       0        3',
    '',
    'Routes:',
    'TO           BY         INTERFACE  METRIC  FROM',
    'default      10.0.2.2   eth0         1002  dhcp',
    '10.9.0.0/16  blackhole  -            1002  static',
    '',
    'Listening:',
    'PROTOCOL  ADDRESS     UNIT   PID  COMMAND',
    'tcp       [::]:6379   redis   87  redis',
    'udp       0.0.0.0:68  -        -',
  ]);
});

test('diskLines() show filesystems that have a space, and disks with their partitions', () => {
  const mount = { root: '/', fstype: 'tmpfs', source: 'tmpfs', options: [] };
  const space = { totalBytes: 1_000, freeBytes: 250, availableBytes: 250, files: 10, filesFree: 9 };
  const disk: BlockDevice = {
    name: 'vda',
    device: '254:0',
    sizeBytes: 10 * 1024 ** 3,
    readOnly: true,
    removable: false,
    model: 'QEMU',
    reads: 1,
    readBytes: 4_096,
    readMs: 1,
    writes: 0,
    writtenBytes: 0,
    writeMs: 0,
    busyMs: 1,
    inFlight: 0,
  };
  const lines = diskLines(
    [
      { ...mount, target: '/run', space },
      { ...mount, target: '/proc', fstype: 'proc' },
    ],
    [disk, { ...disk, name: 'vda1', parent: 'vda', readOnly: false }],
    80,
  );
  expect(lines).toEqual([
    'MOUNT  SIZE  USED  SHARE  FILES  TYPE   SOURCE',
    '/run   1.0K  750B    75%    10%  tmpfs  tmpfs',
    '',
    'DISK    SIZE  READ  WRITTEN  MODEL',
    'vda      10G  4.0K       0B  QEMU (read-only)',
    '  vda1   10G  4.0K       0B  QEMU',
  ]);
  expect(diskLines([], [], 80).at(-1)).toBe('The machine has no disk.');
});

test('processLines() say whose they are and what they may do', () => {
  const info = { pid: 87, uid: 100, gid: 100, command: 'redis\x07', noNewPrivileges: false };
  const named = (...effective: readonly string[]): ProcessInfo =>
    ({ ...info, capabilities: { effective } }) as unknown as ProcessInfo;
  const processes = [named(), named('CAP_CHOWN'), named('CAP_CHOWN', 'CAP_KILL')];
  expect(processLines([{ unit: 'redis', processes }], 80)).toEqual([
    'UNIT   PID  UID  CAPABILITIES  COMMAND',
    'redis   87  100  none          redis^G',
    'redis   87  100  CAP_CHOWN     redis^G',
    'redis   87  100  CAP_CHOWN +1  redis^G',
  ]);
});

describe('topLines()', () => {
  const times = (ms: number): CpuTimes => ({
    userMs: ms,
    niceMs: 0,
    systemMs: ms,
    idleMs: 2 * ms,
    ioWaitMs: 0,
    irqMs: 0,
    softIrqMs: 0,
    stealMs: 0,
  });
  const unit = (name: string, more: Partial<UnitStatus> = {}): UnitStatus =>
    unitStatus(name, { sinceMs: 5_000, ...more });
  const look = (atMs: number, cpuUs: Readonly<Record<string, number>>): Look => ({
    atMs,
    cpu: {
      atMs,
      load: { one: 0.5, five: 0.25, fifteen: 0.1, runnable: 1, threads: 40 },
      total: times(atMs),
      cpus: [{ ...times(atMs), cpu: 0 }],
      contextSwitches: 0,
      forks: 0,
      running: 1,
      blocked: 0,
    },
    memory: MEMORY,
    usage: Object.entries(cpuUs).map(([id, used]) => ({
      id,
      cpuUs: used,
      memoryBytes: 9_000_000,
      pids: 2,
    })),
    units: [unit('idle'), unit('busy', { restarts: 1 }), unit('late', { state: 'waiting' })],
  });

  test('show what was used since the look before, the busiest first', () => {
    const before = look(10_000, { idle: 500_000, busy: 9_000_000 });
    // `busy` was started again in between: its counter began anew.
    expect(topLines(look(12_000, { idle: 500_000, busy: 1_000_000 }), before, 80)).toEqual([
      'up 12s, load 0.5 0.25 0.1, 40 threads',
      '1 processor: user 25%, system 25%, disk 0%, idle 50%',
      'memory: 195M of 488M used',
      '',
      'UNIT  STATE      CPU  MEMORY  PROCESSES  RESTARTS  SINCE',
      'busy  running  50.0%    8.6M          2         1     7s',
      'idle  running   0.0%    8.6M          2         0     7s',
      'late  waiting      -       -          -         0      -',
    ]);
  });

  test('have something to show at once', () => {
    expect(topLines(look(10_000, { busy: 5_000_000 }), undefined, 80)[5]).toMatch(
      /^busy .* 50\.0%/,
    );
  });
});
