/** The rows of the comparison: what each is called and where it comes from. Pure. */
import type { Boot, Results } from './figures.ts';
import { type Spread, spreadOf } from './statistics.ts';

export interface Row {
  readonly label: string;
  readonly ishmael: Spread | undefined;
  readonly busybox: Spread | undefined;
  readonly digits: number;
}

interface BootRow {
  readonly label: string;
  readonly of: (boot: Boot) => number | undefined;
  readonly digits?: number;
}

const MIB = 1024;

const BOOT_ROWS: readonly BootRow[] = [
  { label: 'QEMU → /init, ms', of: (boot) => boot.qemuToInitMs },
  { label: "kernel → /init by the kernel's stamp, ms", of: (boot) => boot.kernelStampMs },
  { label: '/init → Node starts, ms', of: ({ sinceInit }) => sinceInit.nodeStart },
  { label: '/init → first line of the program, ms', of: ({ sinceInit }) => sinceInit.program },
  { label: '/init → mounts, ms', of: ({ sinceInit }) => sinceInit.mounts },
  { label: '/init → services asked for, ms', of: ({ sinceInit }) => sinceInit.services },
  { label: "/init → Redis' first line, ms", of: ({ sinceInit }) => sinceInit.redisBegan },
  { label: '/init → Redis listens, ms', of: ({ sinceInit }) => sinceInit.redisReady },
  { label: '/init → Redis answers, ms', of: ({ sinceInit }) => sinceInit.pong },
  { label: 'memory used, MiB', of: (boot) => boot.memoryUsedKiB / MIB, digits: 1 },
  {
    label: 'memory used with a host connected, MiB',
    of: ({ connectedMemoryUsedKiB: used }) => (used === undefined ? undefined : used / MIB),
    digits: 1,
  },
  { label: 'RssAnon of PID 1, MiB', of: (boot) => boot.initRssAnonKiB / MIB, digits: 2 },
  { label: 'threads of PID 1', of: (boot) => boot.initThreads },
];

export function comparison({ ishmael, busybox, images, warmBuildMs }: Results): Row[] {
  const bootRows = BOOT_ROWS.map(({ label, of, digits = 0 }): Row => {
    const spread = (boots: readonly Boot[]): Spread | undefined =>
      spreadOf(boots.map(of).filter((value) => value !== undefined));
    return { label, ishmael: spread(ishmael), busybox: spread(busybox), digits };
  });
  const sizeRow = (label: string, ours: number, theirs: number | undefined): Row => ({
    label,
    ishmael: megabytes(ours),
    busybox: theirs === undefined ? undefined : megabytes(theirs),
    digits: 2,
  });
  return [
    ...bootRows,
    sizeRow('kernel, MB', images.ishmael.kernel, images.busybox.kernel),
    sizeRow('initrd, MB', images.ishmael.initrd, images.busybox.initrd),
    sizeRow('initrd without redis, MB', images.initrdWithoutRedis, undefined),
    { label: 'warm build, ms', ishmael: spreadOf(warmBuildMs), busybox: undefined, digits: 0 },
  ];
}

function megabytes(bytes: number): Spread | undefined {
  return spreadOf([bytes / 1e6]);
}
