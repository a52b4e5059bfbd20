/**
 * What the builder has put into an initrd, so that PID 1 can tell whether all of it arrived: a kernel that runs out of memory
 * while it unpacks goes on with what it has. The record is the first file of the initrd. Directories do not count,
 * and neither do places that are the kernel's or are mounted over.
 */

export const ROOT_FILES_PATH = '/etc/ishmael/root-files.json';

export interface RootFiles {
  /** Files and symbolic links. */
  readonly count: number;
  /** Of the files' contents. */
  readonly bytes: number;
  /** Of all names and sizes, in hexadecimal; against loss, not against anybody. */
  readonly digest: string;
  /** MiB of memory that a machine should have for it. */
  readonly memoryMiB: number;
}

/** Path, relative to the root, and size; −1 for a symbolic link. */
export type RootEntry = readonly [path: string, bytes: number];

/**
 * Folders of the root that are not looked into: mounted over, or (`kernel`) where microcode is for the kernel, or (`.extra`) where
 * systemd-stub(7) puts what it has to say.
 */
const LEFT_OUT: ReadonlySet<string> = new Set('.extra dev kernel proc run sys tmp'.split(' '));

/** Whether a path counts. */
export function isCounted(path: string): boolean {
  const first = path.split('/', 1)[0] ?? '';
  return !LEFT_OUT.has(first) && `/${path}` !== ROOT_FILES_PATH;
}

export type RootSummary = Omit<RootFiles, 'memoryMiB'>;

/**
 * Sums entries up, in any order, each path once. Keeps none of them: an image may have more files than PID 1 has memory
 * for their names.
 */
export class RootCount {
  private count = 0;
  private bytes = 0;
  private low = 0;
  private high = 0;

  add([path, bytes]: RootEntry): void {
    this.count += 1;
    this.bytes += Math.max(0, bytes);
    const [low, high] = fnv1a(`${path} ${bytes}`);
    this.low = (this.low + low) >>> 0;
    this.high = (this.high + high) >>> 0;
  }

  summary(): RootSummary {
    const digest = [this.low, this.high].map((half) => half.toString(16).padStart(8, '0')).join('');
    return { count: this.count, bytes: this.bytes, digest };
  }
}

export function summarise(entries: Iterable<RootEntry>): RootSummary {
  const total = new RootCount();
  for (const entry of entries) total.add(entry);
  return total.summary();
}

/** What is wrong, in words; `undefined` when everything is there. */
export function rootProblem(wanted: RootFiles, found: RootSummary): string | undefined {
  const { count, bytes, digest, memoryMiB } = wanted;
  if (found.count === count && found.bytes === bytes && found.digest === digest) return undefined;
  const mib = (of: number): string => (of / 1_048_576).toFixed(1);
  const numbers = `${found.count} of ${count} files, ${mib(found.bytes)} of ${mib(bytes)} MiB`;
  return `the root is not whole: ${numbers}. The initrd needs a machine with ${memoryMiB} MiB of memory; nothing is run`;
}

/** FNV-1a of 32 bits over UTF-16 code units, from two beginnings: no module has to be loaded for it. */
function fnv1a(text: string): readonly [low: number, high: number] {
  let [low, high] = [0x811c_9dc5, 0x1505_2012];
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x0100_0193);
    high = Math.imul(high ^ unit, 0x0100_0193);
  }
  return [low >>> 0, high >>> 0];
}
