/** What a machine's memory is used for, as /proc tells a shell in it. Pure: the script, and its answer. */

/** Of /proc/meminfo: what of the kernel's own memory a container can cost, and what processes do. */
export const PARTS: readonly (keyof Memory['partsKiB'])[] = [
  'AnonPages',
  'Shmem',
  'Slab',
  'Percpu',
  'KernelStack',
  'PageTables',
];

export interface Memory {
  /** MemTotal − MemAvailable. */
  readonly usedKiB: number;
  /** PID 1's RssAnon. */
  readonly initKiB: number;
  readonly partsKiB: Readonly<
    Record<'AnonPages' | 'Shmem' | 'Slab' | 'Percpu' | 'KernelStack' | 'PageTables', number>
  >;
}

export const MEMORY_SCRIPT: string = 'cat /proc/meminfo; grep RssAnon /proc/1/status';

/** Throws when something is missing. */
export function parseMemory(text: string): Memory {
  const kib = (name: string): number => {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text);
    if (match === null) throw new Error(`The guest does not tell its ${name}: ${text}`);
    return Number(match[1]);
  };
  return {
    usedKiB: kib('MemTotal') - kib('MemAvailable'),
    initKiB: kib('RssAnon'),
    partsKiB: {
      AnonPages: kib('AnonPages'),
      Shmem: kib('Shmem'),
      Slab: kib('Slab'),
      Percpu: kib('Percpu'),
      KernelStack: kib('KernelStack'),
      PageTables: kib('PageTables'),
    },
  };
}
