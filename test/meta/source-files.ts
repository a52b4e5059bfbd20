/** The repository as data for the meta tests: which files git would have, what they import. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, normalize, resolve } from 'node:path';

export const ROOT: string = resolve(import.meta.dirname, '../..');

/** Tracked files, and new ones that are not ignored: a rule is broken before the commit, not after. */
export function repositoryFiles(): string[] {
  const output = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  return output.split('\0').filter((path) => path !== '' && exists(path));
}

export function readSource(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export interface Import {
  readonly from: string;
  /** A path from the root, `node:…`, or the name of a package. */
  readonly target: string;
}

/** Static imports, dynamic ones, `require` and `getBuiltinModule`, all with a literal name. */
export function importsOf(path: string): Import[] {
  const specifier =
    /(?:(?<!')\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|\bgetBuiltinModule\s*\(\s*)'([^'\n]+)'/g;
  return [...withoutComments(readSource(path)).matchAll(specifier)].map((match) => {
    const name = match[1] ?? '';
    const target = name.startsWith('.') ? normalize(join(path, '..', name)) : name;
    return { from: path, target };
  });
}

/** Rough, but enough here: comments at the start of a line or after white space. */
export function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[^]*?\*\//g, ' ').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
}

function exists(path: string): boolean {
  try {
    readFileSync(join(ROOT, path));
    return true;
  } catch {
    // Deleted in the working tree, not yet in the index.
    return false;
  }
}
