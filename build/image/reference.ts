/** Names of images. Pure. */

/** `REGISTRY/REPOSITORY[:TAG][@DIGEST]`, everything that Docker leaves out filled in. */
export interface RegistryReference {
  /** A host, with its port when it has one. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
}

const DOCKER_HUB = 'docker.io';

// The grammar of distribution's reference package.
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`, 'u');
const LABEL = '[a-zA-Z0-9](?:-*[a-zA-Z0-9])*';
const REGISTRY = new RegExp(
  String.raw`^(?:\[[0-9a-fA-F:]+\]|${LABEL}(?:\.${LABEL})*)(?::\d{1,5})?$`,
  'u',
);
const TAG = /^\w[\w.-]{0,127}$/u;
const DIGEST = /^sha256:[0-9a-f]{64}$/u;
const LONGEST_REPOSITORY = 255;

/** A reference as Docker reads it; `undefined` for what can name no image of any registry. */
export function parseReference(text: string): RegistryReference | undefined {
  const [named = '', digest, ...rest] = text.split('@');
  if (rest.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return undefined;
  const { name, tag } = splitTag(named);
  if (tag !== undefined && !TAG.test(tag)) return undefined;
  const { registry, repository } = splitRegistry(name);
  if (!REGISTRY.test(registry) || !REPOSITORY.test(repository)) return undefined;
  if (repository.length > LONGEST_REPOSITORY) return undefined;
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The one spelling of a reference: `redis` is `docker.io/library/redis:latest`. */
export function renderReference(reference: RegistryReference): string {
  const { registry, repository, digest } = reference;
  const tag = reference.tag ?? (digest === undefined ? 'latest' : undefined);
  const named = `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}`;
  return digest === undefined ? named : `${named}@${digest}`;
}

/**
 * The name under which the store keeps a reference: `NAME` means `NAME:latest`; a reference with a tag or
 * a digest stays as it is. No registry is implied: a name without one is a name in the local store.
 */
export function storedName(reference: string): string {
  if (reference.includes('@')) return reference;
  return splitTag(reference).tag === undefined ? `${reference}:latest` : reference;
}

/** The names a reference may have in the store, the local one first. */
export function storedNames(reference: string): readonly string[] {
  const pulled = parseReference(reference);
  const names = [storedName(reference), ...(pulled === undefined ? [] : [renderReference(pulled)])];
  return [...new Set(names)];
}

/** The digest a reference pins (`NAME@sha256:…`), if any. */
export function pinnedDigest(reference: string): string | undefined {
  const at = reference.indexOf('@');
  return at === -1 ? undefined : reference.slice(at + 1);
}

/** A registry of this machine: the one that is spoken to without TLS when it wants that. */
export function isLoopback(registry: string): boolean {
  const host = registry.replace(/:\d+$/u, '');
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/u.test(host);
}

function splitTag(named: string): { readonly name: string; readonly tag: string | undefined } {
  const colon = named.lastIndexOf(':');
  // A colon before a slash is that of a port.
  if (colon === -1 || named.includes('/', colon)) return { name: named, tag: undefined };
  return { name: named.slice(0, colon), tag: named.slice(colon + 1) };
}

function splitRegistry(name: string): { readonly registry: string; readonly repository: string } {
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  const isHost = /[.:A-Z]/u.test(first) || first === 'localhost';
  const registry = isHost ? first : DOCKER_HUB;
  const repository = isHost ? name.slice(slash + 1) : name;
  if (registry !== DOCKER_HUB && registry !== `index.${DOCKER_HUB}`) {
    return { registry, repository };
  }
  const official = !repository.includes('/');
  return { registry: DOCKER_HUB, repository: official ? `library/${repository}` : repository };
}
