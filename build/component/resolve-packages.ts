/**
 * Which versions a recipe gets today. Answers are kept beside the package lists they came from, so that a
 * warm run asks nobody: lists are fetched at most once a day, and without a network the old ones go on.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../image/blobs.ts';
import { AptError, resolveClosure, updateLists, type AptState } from './apt-state.ts';
import type { Recipe } from './recipe.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** After a failed fetch: a machine without network must not try on every run. */
const RETRY_MS = 60 * 60 * 1000;

/** The part of a recipe that decides which packages it gets. */
export type PackageSet = Pick<Recipe, 'name' | 'packages' | 'assume'>;

interface Resolved {
  readonly listsAtMs: number;
  readonly triedAtMs: number;
  readonly closures: Readonly<Record<string, readonly string[]>>;
}

export interface ResolveOptions {
  readonly progress: (line: string) => void;
  /** Fetch the package lists whatever their age. */
  readonly refresh: boolean;
}

/**
 * For each set the `package=version` list of all that it unpacks, in the order asked; `undefined` when
 * that is not known, or known from lists that are due to be fetched again.
 */
export async function knownPackages(
  apt: AptState,
  sets: readonly PackageSet[],
): Promise<readonly (readonly string[])[] | undefined> {
  const known = await readResolved(apt);
  if (known === undefined || isDue(known, Date.now())) return undefined;
  const closures = sets.map((set) => known.closures[setKey(set)]);
  return closures.every((closure) => closure !== undefined) ? closures : undefined;
}

/** As `knownPackages`, finding out what is not known. One process at a time: the caller holds a lock. */
export async function resolvePackages(
  apt: AptState,
  sets: readonly PackageSet[],
  options: ResolveOptions,
): Promise<readonly (readonly string[])[]> {
  let known = await readResolved(apt);
  if (known === undefined || options.refresh || isDue(known, Date.now())) {
    known = await refreshLists(apt, known, options);
  }
  const { closures } = known;
  const answer = await Promise.all(
    sets.map(
      async (set) =>
        closures[setKey(set)] ?? (set.packages.length === 0 ? [] : await resolve(apt, set)),
    ),
  );
  const found = Object.fromEntries(sets.map((set, index) => [setKey(set), answer[index] ?? []]));
  const closuresNow = { ...closures, ...found };
  await replaceFile(resolvedPath(apt), JSON.stringify({ ...known, closures: closuresNow }));
  return answer;
}

async function resolve(
  apt: AptState,
  { name, packages, assume }: PackageSet,
): Promise<readonly string[]> {
  try {
    return await resolveClosure(apt, packages, assume);
  } catch (error) {
    if (!(error instanceof AptError)) throw error;
    throw new AptError(`ishmael/${name}: ${error.message}`, { cause: error });
  }
}

function isDue(known: Resolved, nowMs: number): boolean {
  return nowMs - known.listsAtMs > DAY_MS && nowMs - known.triedAtMs > RETRY_MS;
}

async function refreshLists(
  apt: AptState,
  known: Resolved | undefined,
  { progress, refresh }: ResolveOptions,
): Promise<Resolved> {
  progress('fetching the Debian package lists');
  const now = Date.now();
  try {
    await updateLists(apt);
    return { listsAtMs: now, triedAtMs: now, closures: {} };
  } catch (error) {
    if (known === undefined || refresh) throw error;
    progress(`keeping the old package lists: ${String(error)}`);
    return { ...known, triedAtMs: now };
  }
}

function setKey({ packages, assume }: PackageSet): string {
  return `${packages.toSorted().join(' ')} without ${assume.toSorted().join(' ')}`;
}

function resolvedPath(apt: AptState): string {
  return join(apt.directory, 'resolved.json');
}

async function readResolved(apt: AptState): Promise<Resolved | undefined> {
  try {
    // Written by this file only, renamed into place whole.
    return JSON.parse(await readFile(resolvedPath(apt), 'utf8')) as Resolved;
  } catch {
    // None yet, or none that can be read: resolve again.
    return undefined;
  }
}
