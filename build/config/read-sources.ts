/**
 * From the names of configuration files to one value: each file is read, its variables are substituted, what
 * it includes is put in front of it, and all are merged in their order. This is the one pass in which that
 * happens; nothing behind it knows of files or variables. Files are read only through the reader that is
 * handed in.
 */
import { stringify } from 'yaml';

import { type Diagnostic, sortDiagnostics } from './diagnostics.ts';
import { mergeSources, type Source } from './merge-sources.ts';
import type { Places } from './places.ts';
import { readYaml } from './read-yaml.ts';
import type { Variables } from './substitute-variables.ts';

export interface SourcesRequest {
  /** As a person has named them: paths, URLs, or `-` for the standard input. At least one. */
  readonly files: readonly string[];
  /** The text of a file; `undefined` when there is none by that name. What it throws goes to the caller. */
  read(file: string): Promise<string | undefined>;
  readonly variables: Variables;
}

export interface ConfigSources {
  /** `undefined` when a file cannot be understood well enough. */
  readonly value: unknown;
  readonly places: Places;
  readonly diagnostics: readonly Diagnostic[];
  /** The text of each file that was read, by its name in diagnostics. */
  readonly texts: ReadonlyMap<string, string>;
  /** Those of `files` that are not there. */
  readonly missing: readonly string[];
}

/** Deep enough for any sensible nesting, and for a cycle over files that differ in name only. */
const MAX_DEPTH = 20;

export async function readSources(request: SourcesRequest): Promise<ConfigSources> {
  const reading: Reading = { request, texts: new Map(), sources: [], diagnostics: [], bad: false };
  const missing: string[] = [];
  for (const file of request.files) {
    if (!(await add(reading, file, []))) missing.push(file);
  }
  const { sources, diagnostics, texts, bad } = reading;
  const nothing: Source = { value: undefined, places: readYaml('', '', request.variables).places };
  const { value, places } = sources.length === 0 ? nothing : mergeSources(sources);
  return {
    value: bad ? undefined : value,
    places,
    diagnostics: sortDiagnostics(diagnostics),
    texts,
    missing,
  };
}

/** The merged configuration as one file, with everything included and substituted. */
export function renderMerged(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}

interface Reading {
  readonly request: SourcesRequest;
  readonly texts: Map<string, string>;
  readonly sources: Source[];
  readonly diagnostics: Diagnostic[];
  /** Whether a file could not be understood. */
  bad: boolean;
}

/** @param above the files that lead here by including each other. @returns false for a file that is not there */
async function add(reading: Reading, file: string, above: readonly string[]): Promise<boolean> {
  const { request, texts, sources, diagnostics } = reading;
  const text = texts.get(file) ?? (await request.read(file));
  if (text === undefined) return false;
  texts.set(file, text);
  const { value, places, diagnostics: notation } = readYaml(file, text, request.variables);
  diagnostics.push(...notation);
  if (value === undefined) {
    reading.bad = true;
    return true;
  }
  const isAlone = request.files.length === 1 && above.length === 0;
  if (!isAlone && !isMap(value)) {
    const message = 'the file must be a map';
    diagnostics.push({ code: 'wrong-type', message, ...places.value([]) });
    return true;
  }
  const { include, rest } = takeIncludes(value);
  for (const [index, path] of includedFiles(include, places, diagnostics)) {
    const report = (message: string): void => {
      const place = places.value(['include', index]);
      diagnostics.push({ code: 'bad-include', message, ...place });
    };
    const name = beside(file, path);
    if ([...above, file].includes(name) || above.length > MAX_DEPTH) {
      report(`"${path}" includes itself: ${[...above, file, name].join(' → ')}`);
    } else if (!(await add(reading, name, [...above, file]))) {
      report(`there is no file "${name}"`);
    }
  }
  sources.push({ value: rest, places });
  return true;
}

function takeIncludes(value: unknown): { readonly include: unknown; readonly rest: unknown } {
  if (!isMap(value)) return { include: undefined, rest: value };
  const { include, ...rest } = value;
  return { include, rest };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function includedFiles(
  include: unknown,
  places: Places,
  diagnostics: Diagnostic[],
): readonly (readonly [index: number, path: string])[] {
  if (include === undefined) return [];
  if (!Array.isArray(include)) {
    const message = 'include must be a list of files';
    diagnostics.push({ code: 'wrong-type', message, ...places.value(['include']) });
    return [];
  }
  return include.flatMap((path: unknown, index) => {
    if (typeof path === 'string' && path !== '') return [[index, path] as const];
    const message = `include[${index}] must be the name of a file`;
    diagnostics.push({ code: 'wrong-type', message, ...places.value(['include', index]) });
    return [];
  });
}

const URL_START = /^https?:\/\//u;

/** A name in a file means one beside that file; a file from the web has no say in what is read of this machine. */
function beside(file: string, path: string): string {
  if (URL_START.test(path)) return path;
  if (URL_START.test(file)) return new URL(path, file).href;
  const directory =
    file === '-' || !file.includes('/') ? '' : file.slice(0, file.lastIndexOf('/') + 1);
  return path.startsWith('/') ? path : directory + path.replace(/^(\.\/)+/, '');
}
