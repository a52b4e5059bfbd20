/**
 * A private apt: its own sources, lists and (empty) list of installed packages under the cache folder, so
 * that versions are resolved without root and without touching the machine's apt.
 */
import { randomUUID } from 'node:crypto';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchName } from '../arch.ts';
import { replaceFile } from '../image/blobs.ts';
import { CommandError, runCommand } from '../host-command.ts';
import { INDEX_TARGETS_FORMAT, parseIndexTargets, renderSources } from './debian-mirror.ts';
import type { ArchiveArea } from './recipe.ts';

export interface AptState {
  readonly directory: string;
  readonly lists: string;
  readonly sourcesFile: string;
  /** Of the packages, whatever the machine is. */
  readonly architecture: ArchName;
  readonly area: ArchiveArea;
}

export class AptError extends Error {
  override readonly name = 'AptError';
}

export function aptState(
  directory: string,
  architecture: ArchName = 'amd64',
  area: ArchiveArea = 'main',
): AptState {
  return {
    directory,
    architecture,
    area,
    lists: join(directory, 'lists'),
    sourcesFile: join(directory, 'sources', 'debian.sources'),
  };
}

/** Fetches the package lists. Needs the network; signatures are checked by apt. */
export async function updateLists(apt: AptState): Promise<void> {
  await mkdir(join(apt.lists, 'partial'), { recursive: true });
  await mkdir(join(apt.directory, 'cache', 'archives', 'partial'), { recursive: true });
  await replaceFile(apt.sourcesFile, await debianSources(apt));
  await writeFile(configPath(apt), renderConfig(apt));
  await runApt(apt, 'update', '--error-on=any');
}

/**
 * `package=version` of everything that installing `packages` on an empty machine needs, sorted; `assume`
 * are taken as installed. Throws `AptError` when Debian has one of them no more, with its name.
 */
export async function resolveClosure(
  apt: AptState,
  packages: readonly string[],
  assume: readonly string[],
): Promise<readonly string[]> {
  const status = join(apt.directory, `status-${randomUUID()}`);
  let output: string;
  try {
    await writeFile(status, renderStatus(assume));
    const args = [`-oDir::State::status=${status}`, 'install', '--simulate', ...packages];
    output = (await runApt(apt, ...args)).toString();
  } catch (error) {
    const gone = error instanceof CommandError ? missingPackage(error.stderr) : undefined;
    if (gone === undefined) throw error;
    throw new AptError(`Debian 13 has no package ${gone}`, { cause: error });
  } finally {
    await rm(status, { force: true });
  }
  const found = [...output.matchAll(/^Inst (\S+) \((\S+) /gmu)].map(([, name, version]) => {
    return `${name}=${version}`;
  });
  if (found.length === 0)
    throw new AptError(`apt finds nothing to unpack for ${packages.join(' ')}`);
  return found.sort();
}

/** How many bytes each of `package=version` is to download, as the package lists have it. */
export async function downloadSizes(
  apt: AptState,
  packages: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  return parseUris((await runApt(apt, '--print-uris', 'download', ...packages)).toString());
}

/** Lines of `--print-uris` (apt-get(8)): `'URI' FILE SIZE DIGEST`, a file being `NAME_VERSION_ARCH.deb`, `:` written as `%3a`. */
export function parseUris(output: string): ReadonlyMap<string, number> {
  const lines = output.matchAll(/^'\S+' ([^\s_]+)_([^\s_]+)_[^\s_]+\.deb (\d+)/gmu);
  return new Map(
    [...lines].map(([, name, version = '', size]) => [
      `${name}=${decodeURIComponent(version)}`,
      Number(size),
    ]),
  );
}

/** From what `apt-get install` has said; `undefined` when it failed for another reason. */
export function missingPackage(stderr: string): string | undefined {
  const found =
    /Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate/u.exec(
      stderr,
    );
  return found?.[1] ?? found?.[2];
}

/** The dpkg status file of a machine on which these packages are installed. */
export function renderStatus(assume: readonly string[]): string {
  return assume
    .map(
      (name) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: 9999\n` +
        'Maintainer: none\nDescription: taken as installed\n',
    )
    .join('\n');
}

async function runApt(apt: AptState, ...args: readonly string[]): Promise<Buffer> {
  const env = { APT_CONFIG: configPath(apt) };
  return await runCommand('apt-get', ['--quiet=2', ...args], { env, timeoutMs: 300_000 });
}

async function debianSources({ area }: AptState): Promise<string> {
  const args = ['indextargets', '--format', INDEX_TARGETS_FORMAT, 'Created-By: Packages'];
  const mirrors = parseIndexTargets((await runCommand('apt-get', args)).toString());
  if (mirrors === undefined) {
    throw new AptError(
      "Cannot find a Debian mirror in this machine's apt configuration (is there one, and has " +
        'apt-get update run?)',
    );
  }
  return renderSources(mirrors, await debianKeyring(), area);
}

async function debianKeyring(): Promise<string | undefined> {
  for (const suffix of ['pgp', 'gpg']) {
    const path = `/usr/share/keyrings/debian-archive-keyring.${suffix}`;
    try {
      await access(path);
      return path;
    } catch {
      // The other spelling, or none: apt then decides with the keys it trusts.
    }
  }
  return undefined;
}

function configPath(apt: AptState): string {
  return join(apt.directory, 'apt.conf');
}

/** Nothing of the machine's own apt but its methods and, through `Signed-By`, its keys. */
function renderConfig(apt: AptState): string {
  const settings: readonly (readonly [string, string])[] = [
    ['Dir::Etc::Main', '/dev/null'],
    ['Dir::Etc::Parts', '/dev/null'],
    ['Dir::Etc::Preferences', '/dev/null'],
    ['Dir::Etc::PreferencesParts', '/dev/null'],
    ['Dir::Etc::SourceList', '/dev/null'],
    ['Dir::Etc::SourceParts', join(apt.directory, 'sources')],
    ['Dir::State', apt.directory],
    ['Dir::State::Lists', apt.lists],
    ['Dir::Cache', join(apt.directory, 'cache')],
    ['Dir::Log', join(apt.directory, 'log')],
    ['APT::Architecture', apt.architecture],
    ['APT::Install-Recommends', 'false'],
    ['APT::Install-Suggests', 'false'],
    // Root would hand downloads to the user _apt, who cannot write here.
    ['APT::Sandbox::User', ''],
    ['Acquire::Languages', 'none'],
  ];
  return settings.map(([name, value]) => `${name} "${value}";\n`).join('');
}
