/**
 * Which of a kernel's modules the small initrd needs to get at a disk: the drivers of disks and of the buses they are behind, and
 * what these depend on, as depmod(8) lists it. Pure.
 */
import { moduleName } from '../../component/module-closure.ts';

/** Folders of kernel/ in which drivers of disks, and of what is between them and the processor, lie. */
const FOLDERS: readonly string[] = [
  'ata',
  'block',
  'cdrom',
  'firewire',
  'hv',
  'message',
  'mmc',
  'nvme',
  'pci',
  'phy',
  // The voltages of a card, and what wakes a USB controller, on boards.
  'regulator',
  'reset',
  'scsi',
  'ufs',
  'usb/host',
  'usb/storage',
  'virtio',
].map((folder) => `kernel/drivers/${folder}/`);

/** Not a disk of its own. */
const NO_DISKS: readonly string[] = ['loop', 'nbd', 'zram', 'rbd', 'drbd', 'virtio_balloon'];

export interface ModuleIndex {
  /** Path of every module, relative to the folder of modules.dep, with the paths of what it needs. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
}

/** modules.dep(5). */
export function readModuleIndex(text: string): ModuleIndex {
  const dependencies = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [path, needed] = line.split(':', 2);
    if (path === undefined || path === '' || needed === undefined) continue;
    dependencies.set(
      path,
      needed.split(' ').filter((word) => word !== ''),
    );
  }
  return { dependencies };
}

/**
 * Paths of the modules for disks and of those in `names`, with all that they need, sorted. A name that is no module is built into
 * the kernel, or the kernel cannot have such a root: that is seen when it boots.
 */
export function rootModules({ dependencies }: ModuleIndex, names: readonly string[]): string[] {
  const chosen = new Set<string>();
  const add = (path: string): void => {
    if (chosen.has(path)) return;
    chosen.add(path);
    for (const needed of dependencies.get(path) ?? []) add(needed);
  };
  for (const path of dependencies.keys()) {
    const name = moduleName(path);
    const isForDisks = FOLDERS.some((folder) => path.startsWith(folder));
    if ((isForDisks && !NO_DISKS.includes(name)) || names.includes(name)) add(path);
  }
  return [...chosen].sort();
}

/** The lines of modules.dep, and of modules.alias or modules.softdep, that are about these modules. */
export function dependencyLines(text: string, paths: readonly string[]): string {
  const wanted = new Set(paths);
  return lines(text, (line) => wanted.has(line.split(':', 1)[0] ?? ''));
}

export function aliasLines(text: string, paths: readonly string[]): string {
  const wanted = new Set(paths.map(moduleName));
  return lines(text, (line) => wanted.has(line.split(' ')[2]?.replaceAll('-', '_') ?? ''));
}

function lines(text: string, isWanted: (line: string) => boolean): string {
  return text
    .split('\n')
    .filter((line) => isWanted(line))
    .map((line) => `${line}\n`)
    .join('');
}
