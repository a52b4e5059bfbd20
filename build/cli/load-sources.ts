/** The configuration files of a command: read from disk or standard input, with variables of the environment. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type ConfigSources, readSources, renderMerged } from '../config/read-sources.ts';
import type { Variables } from '../config/substitute-variables.ts';
import { errnoCode } from '../../sys/errno.ts';
import { UsageError } from './cli-error.ts';
import { FetchFileError, fetchFile, isUrl } from './fetch-file.ts';

export interface SourceFiles {
  readonly file: string;
  /** Merged over `file`, in this order. */
  readonly overlays?: readonly string[];
  /** `NAME=VALUE` as given to --set; counts more than the environment. */
  readonly set?: readonly string[];
  /** Files are not to come over the network. */
  readonly offline?: boolean;
}

export interface LoadedSources extends ConfigSources {
  /** What `metadata: yaml` stores: the file as it is when it is a single one, or what it is merged to. */
  readonly yaml: string;
}

/** Throws `UsageError` when one of the files is not there, and `FetchFileError`. */
export async function loadSources({
  file,
  overlays = [],
  set = [],
  offline = false,
}: SourceFiles): Promise<LoadedSources> {
  const sources = await readSources({
    files: [file, ...overlays],
    read: (name) => readConfigFile(name, offline),
    variables: environment(set),
  });
  const [missing] = sources.missing;
  if (missing !== undefined) throw new UsageError(`There is no file '${missing}'`);
  const [only, ...others] = sources.texts.values();
  const isSingle = only !== undefined && others.length === 0;
  return { ...sources, yaml: isSingle ? only : renderMerged(sources.value) };
}

async function readConfigFile(file: string, offline: boolean): Promise<string | undefined> {
  if (file === '-') return text(process.stdin);
  if (isUrl(file)) {
    if (!offline) return fetchFile(file);
    throw new FetchFileError(`Cannot get ${file}: the network is off (--offline)`);
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function environment(set: readonly string[]): Variables {
  const own = new Map(set.map(parseSetting));
  return {
    get: (name) => own.get(name) ?? process.env[name],
    names: [...own.keys(), ...Object.keys(process.env)],
  };
}

function parseSetting(setting: string): readonly [name: string, value: string] {
  const [name = '', value] = setting.split(/=(.*)/s, 2);
  if (value !== undefined && /^[A-Za-z_]\w*$/.test(name)) return [name, value];
  throw new UsageError(`Option '--set' wants NAME=VALUE, not '${setting}'`);
}
