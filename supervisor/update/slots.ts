/**
 * Which of a disk's two images is which: the names of their files in the boot partition, by which the boot manager chooses and counts
 * (systemd-boot(7), "Boot Counting"), and those of the partitions for their roots. Pure.
 */

/** A unified kernel image in `EFI/Linux`. */
export interface BootFile {
  /** Larger is newer, and is booted first. */
  readonly image: number;
  /** While it is on trial: how often it may be tried yet, and how often it was. */
  readonly tries?: { readonly left: number; readonly done: number };
}

export const BOOT_FOLDER = 'EFI/Linux';

/** As often is a new image tried. */
export const TRIES = 3;

/** Names of partitions. */
export const ROOT_SLOTS = ['root-a', 'root-b'] as const;

const NAME = /^ishmael-(\d+)(?:\+(\d+)(?:-(\d+))?)?\.efi$/iu;

/** `ishmael-2+3.efi`, `ishmael-2+1-2.efi`, `ishmael-2.efi` */
export function bootFileName({ image, tries }: BootFile): string {
  if (tries === undefined) return `ishmael-${image}.efi`;
  const { left, done } = tries;
  return `ishmael-${image}+${left}${done === 0 ? '' : `-${done}`}.efi`;
}

/** `undefined` for a file that is none of ours. */
export function parseBootFileName(name: string): BootFile | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const [, image, left, done] = match;
  if (left === undefined) return { image: Number(image) };
  return { image: Number(image), tries: { left: Number(left), done: Number(done ?? 0) } };
}

export class UpdateError extends Error {
  override readonly name = 'UpdateError';
}

export interface UpdatePlan {
  readonly file: BootFile;
  /** What makes room for it: all but the image that runs. */
  readonly remove: readonly string[];
}

/**
 * What becomes of the files in the boot partition. Throws `UpdateError` while the image that runs is on trial: if it then does not
 * prove good, there would be nothing left to go back to.
 * @param names in the boot folder
 * @param running the boot manager's name for what it has booted (LoaderEntrySelected): `ishmael-1.efi`
 */
export function planUpdate(names: readonly string[], running: string): UpdatePlan {
  const current = parseBootFileName(running);
  const files = names.flatMap((name) => {
    const file = parseBootFileName(name);
    return file === undefined ? [] : [{ name, file }];
  });
  const own = files.find(({ file }) => file.image === current?.image);
  if (current === undefined || own === undefined) {
    throw new UpdateError(
      `this machine has not booted from a disk with room for updates (${running})`,
    );
  }
  if (own.file.tries !== undefined) {
    throw new UpdateError('the image that runs is on trial itself: update when it has proved good');
  }
  const image = Math.max(...files.map(({ file }) => file.image)) + 1;
  const others = files.filter(({ name }) => name !== own.name).map(({ name }) => name);
  const unfinished = names.filter((name) => name.endsWith(UNFINISHED));
  return { file: { image, tries: { left: TRIES, done: 0 } }, remove: [...others, ...unfinished] };
}

/** What the boot manager does not take for a kernel. */
export const UNFINISHED = '.new';
