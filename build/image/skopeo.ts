/**
 * skopeo carries images between registries, archives, engines and folders. This file owns how it is
 * called: its environment, what its failures mean, when to try again, and TLS on this machine.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError, runCommand } from '../host-command.ts';
import { type HostTool, requireTools } from '../host-tools.ts';
import { classifyFailure, failureMessage, ImageSourceError } from './image-source-error.ts';
import { ociPlatform } from './platform.ts';
import { isLoopback, type RegistryReference } from './reference.ts';

const SKOPEO: HostTool = {
  command: 'skopeo',
  package: 'skopeo',
  why: 'get images from registries and archives',
};

/** What skopeo and buildah themselves read: credentials, registries, certificates, the engines' stores. */
const SETTINGS =
  /^(?:REGISTRY_AUTH_FILE|XDG_RUNTIME_DIR|XDG_CONFIG_HOME|XDG_DATA_HOME|DOCKER_[A-Z_]+|CONTAINERS_[A-Z_]+|STORAGE_[A-Z_]+|BUILDAH_[A-Z_]+|SSL_CERT_(?:FILE|DIR)|(?:HTTPS?|NO|ALL)_PROXY|all_proxy)$/u;

/** Nobody waits for a registry that has been down for longer. */
const RETRY_DELAYS_MS: readonly number[] = [1000, 3000, 9000];

export interface Transfer {
  /** For messages: what the person asked for. */
  readonly source: string;
  readonly progress: (line: string) => void;
}

/** The raw manifest or index behind a reference. Rejects with `ImageSourceError` or `MissingToolError`. */
export async function inspectRaw(
  reference: RegistryReference,
  transfer: Transfer,
): Promise<Buffer> {
  return await withRegistry(reference, transfer, (tls) =>
    skopeo(['inspect', '--raw', ...tls('tls-verify'), transport(reference)], transfer.source),
  );
}

/** Copies the one image for a platform out of a registry. Destinations are spelled as skopeo wants them. */
export async function copyFromRegistry(
  reference: RegistryReference,
  destination: string,
  architecture: string,
  transfer: Transfer,
): Promise<void> {
  await withRegistry(reference, transfer, (tls) =>
    skopeo(
      [
        ...platformArgs(architecture),
        'copy',
        '--quiet',
        ...tls('src-tls-verify'),
        transport(reference),
        destination,
      ],
      transfer.source,
    ),
  );
}

/** Copies between places of this machine; both are spelled as skopeo wants them. */
export async function copyLocally(
  from: string,
  to: string,
  architecture: string,
  source: string,
  options: readonly string[] = [],
): Promise<void> {
  const flags = ['--quiet', ...daemonArgs(from), ...options];
  await skopeo([...platformArgs(architecture), 'copy', ...flags, from, to], source);
}

/** skopeo does not look for Docker where Docker's own client does. */
function daemonArgs(from: string): readonly string[] {
  const host = process.env['DOCKER_HOST'] ?? '';
  return host === '' || !from.startsWith('docker-daemon:') ? [] : ['--src-daemon-host', host];
}

/** The settings of this process that container tools are to see. */
export function toolSettings(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => SETTINGS.test(entry[0]) && entry[1] !== undefined,
    ),
  );
}

/** How skopeo spells an image of a registry. It takes a tag or a digest, not both: the digest says more. */
function transport({ registry, repository, tag, digest }: RegistryReference): string {
  const which = digest === undefined ? `:${tag ?? 'latest'}` : `@${digest}`;
  return `docker://${registry}/${repository}${which}`;
}

function platformArgs(wanted: string): readonly string[] {
  const { os, architecture, variant } = ociPlatform(wanted);
  const flags = ['--override-os', os, '--override-arch', architecture];
  return variant === undefined ? flags : [...flags, '--override-variant', variant];
}

type TlsArgs = (option: string) => readonly string[];

/** Registries of this machine that turned out to speak plain HTTP. */
const plainHttp = new Set<string>();

async function withRegistry<T>(
  { registry }: RegistryReference,
  transfer: Transfer,
  run: (tls: TlsArgs) => Promise<T>,
): Promise<T> {
  const attempt = (plain: boolean): Promise<T> =>
    run((option) => (plain ? [`--${option}=false`] : []));
  return await retrying(transfer, async () => {
    const plain = plainHttp.has(registry);
    try {
      return await attempt(plain);
    } catch (error) {
      // TLS is tried first even here: a registry of this machine that has it is held to it.
      const isPlain = error instanceof ImageSourceError && error.code === 'plain-http';
      if (!isPlain || !isLoopback(registry) || plain) throw error;
      plainHttp.add(registry);
      return await attempt(true);
    }
  });
}

async function retrying<T>({ progress }: Transfer, run: () => Promise<T>): Promise<T> {
  for (const delayMs of RETRY_DELAYS_MS) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ImageSourceError) || error.code !== 'unreachable') throw error;
      progress(`${error.message}; trying again in ${delayMs / 1000} s`);
      await sleep(delayMs);
    }
  }
  return await run();
}

async function skopeo(args: readonly string[], source: string): Promise<Buffer> {
  await requireTools([SKOPEO]);
  try {
    return await runCommand('skopeo', args, { env: toolSettings() });
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    const { stderr } = cause;
    throw new ImageSourceError(classifyFailure(stderr), source, failureMessage(stderr), { cause });
  }
}
