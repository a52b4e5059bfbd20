/**
 * User data that is a tree of files in JSON, as LinuxKit defines it (docs/metadata.md there): an entry is a file with
 * `content`, or a folder with `entries`; both may have `perm`, an octal number. Pure.
 */
export interface ConfigFile {
  /** Below /run/config; only names between the slashes, none of them `.` or `..`. */
  readonly path: string;
  /** Absent: a folder. */
  readonly content?: string;
  readonly mode: number;
}

export interface ConfigFiles {
  /** Folders before what is in them. */
  readonly files: readonly ConfigFile[];
  /** What is wrong with entries that are not among `files`. */
  readonly problems: readonly string[];
}

/** More levels than anybody means. */
const MAX_DEPTH = 16;

/** `undefined` where the user data is something else, which is up to its owner. */
export function filesOfUserdata(userdata: Uint8Array): ConfigFiles | undefined {
  let root: unknown;
  try {
    root = JSON.parse(Buffer.from(userdata).toString());
  } catch {
    // A script, or cloud-init's own.
    return undefined;
  }
  if (!isObject(root)) return undefined;
  const files: ConfigFile[] = [];
  const problems: string[] = [];
  collect('', root, { files, problems });
  return { files, problems };
}

function collect(
  folder: string,
  entries: Readonly<Record<string, unknown>>,
  found: { readonly files: ConfigFile[]; readonly problems: string[] },
): void {
  for (const [name, entry] of Object.entries(entries)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const problem = problemOf(name, entry);
    if (problem !== undefined || !isObject(entry)) {
      found.problems.push(`${path}: ${problem ?? 'is no object'}`);
      continue;
    }
    const { content, entries: below, perm } = entry;
    if (typeof content === 'string') {
      found.files.push({ path, content, mode: modeOf(perm, 0o644) });
    } else if (path.split('/').length > MAX_DEPTH) {
      found.problems.push(`${path}: is deeper than ${MAX_DEPTH} folders`);
    } else if (isObject(below)) {
      found.files.push({ path, mode: modeOf(perm, 0o755) });
      collect(path, below, found);
    }
  }
}

function problemOf(name: string, entry: unknown): string | undefined {
  if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) {
    return 'is no name of a file';
  }
  if (!isObject(entry)) return 'is no object';
  const { content, entries, perm } = entry;
  if ((typeof content === 'string') === isObject(entries)) {
    return 'needs either a content or entries';
  }
  if (perm !== undefined && !(typeof perm === 'string' && /^[0-7]{1,4}$/.test(perm))) {
    return 'perm is no octal number';
  }
  return undefined;
}

function modeOf(perm: unknown, usual: number): number {
  return typeof perm === 'string' ? Number.parseInt(perm, 8) : usual;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
