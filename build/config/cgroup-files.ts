/**
 * OCI's resources → files of a cgroup v2 and their contents (cgroup-v2.rst). OCI's words are those of v1,
 * and each runtime translates them its own way: for one `shares` runc 1.1 and crun 1.21 give a weight that
 * differs by a factor of two and more, runc 1.1 knows neither `idle` nor `burst`, crun 1.21 no `burst` and no
 * `rdma`. So they are translated here, and every runtime writes the same. Pure.
 */

/** As the schema yields them: checked, sizes in bytes, -1 for no limit. */
export interface ResourceValues {
  readonly memory?: {
    readonly limit?: number;
    readonly reservation?: number;
    /** Memory and swap together. */
    readonly swap?: number;
  };
  readonly cpu?: {
    readonly shares?: number;
    /** `quota`, `period` and `burst` in microseconds. */
    readonly quota?: number;
    readonly period?: number;
    readonly burst?: number;
    readonly idle?: number;
    readonly cpus?: string;
    readonly mems?: string;
  };
  readonly pids?: { readonly limit: number };
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[];
  readonly rdma?: Readonly<Record<string, { hcaHandles?: number; hcaObjects?: number }>>;
  readonly unified: Readonly<Record<string, string | number>>;
}

/** The kernel's own default of a period, which has to be named beside a quota. */
const PERIOD_US = 100_000;

/** What `unified` says counts more than what follows from the other keys, as OCI has it. */
export function cgroupFiles(values: ResourceValues): Readonly<Record<string, string>> {
  const files: [string, string | number | undefined][] = [
    ...memoryFiles(values.memory ?? {}),
    ...cpuFiles(values.cpu ?? {}),
    ['pids.max', maximum(values.pids?.limit)],
    ...(values.hugepageLimits ?? []).flatMap(hugepageFiles),
    ...Object.entries(values.rdma ?? {}).map(rdmaFile),
    ...Object.entries(values.unified),
  ];
  return Object.fromEntries(
    files.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

type Files = [string, string | number | undefined][];

function memoryFiles({ limit, reservation, swap }: NonNullable<ResourceValues['memory']>): Files {
  const swapAlone = swap === undefined || swap === -1 ? swap : swap - (limit ?? 0);
  return [
    ['memory.max', maximum(limit)],
    ['memory.low', reservation],
    ['memory.swap.max', maximum(swapAlone)],
  ];
}

function cpuFiles(cpu: NonNullable<ResourceValues['cpu']>): Files {
  const { shares, quota, period, burst, idle, cpus, mems } = cpu;
  const bandwidth = `${maximum(quota) ?? 'max'} ${period ?? PERIOD_US}`;
  return [
    ['cpu.weight', shares === undefined ? undefined : weightOf(shares)],
    ['cpu.max', quota === undefined && period === undefined ? undefined : bandwidth],
    ['cpu.max.burst', burst],
    ['cpu.idle', idle],
    ['cpuset.cpus', cpus],
    ['cpuset.mems', mems],
  ];
}

/**
 * The default share (1024) becomes the default weight (100), as the newest runtimes have it; the line that
 * older ones draw makes 39 of it, so that a container with the default was behind all others.
 */
function weightOf(shares: number): number {
  const log = Math.log2(shares);
  const weight = Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
  return Math.min(Math.max(weight, 1), 10_000);
}

/** What is reserved counts as well, or a mapping beyond the limit would end in SIGBUS when used. */
function hugepageFiles({ pageSize, limit }: { pageSize: string; limit: number }): Files {
  return [
    [`hugetlb.${pageSize}.max`, limit],
    [`hugetlb.${pageSize}.rsvd.max`, limit],
  ];
}

function rdmaFile([device, { hcaHandles, hcaObjects }]: [
  string,
  { hcaHandles?: number; hcaObjects?: number },
]): [string, string] {
  const line = `${device} hca_handle=${hcaHandles ?? 'max'} hca_object=${hcaObjects ?? 'max'}`;
  return ['rdma.max', line];
}

function maximum(limit: number | undefined): number | 'max' | undefined {
  return limit === -1 ? 'max' : limit;
}
