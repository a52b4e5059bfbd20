/**
 * What the word behind `image:` asks for: a registry, a file, an engine's own store or a Dockerfile. The
 * notation is skopeo's, with `build:` beside it. Pure.
 */
import { parseReference, type RegistryReference } from './reference.ts';

export type ImageSource =
  | { readonly kind: 'registry'; readonly reference: RegistryReference }
  | FileSource
  | EngineSource
  | DockerfileSource;

/** An image in a file or folder of this machine. */
export interface FileSource {
  readonly kind: 'file';
  readonly transport: 'oci' | 'oci-archive' | 'docker-archive';
  readonly path: string;
  /** Which image, where the file holds several. */
  readonly name?: string;
}

/** An image that a container engine of this machine has. */
export interface EngineSource {
  readonly kind: 'engine';
  readonly transport: 'docker-daemon' | 'containers-storage';
  readonly name: string;
}

/** An image that is made from a Dockerfile. */
export interface DockerfileSource {
  readonly kind: 'dockerfile';
  /** The folder that COPY copies from. */
  readonly context: string;
  /** Relative to the context; absent: Containerfile or Dockerfile, as the tools have it. */
  readonly file?: string;
  readonly target?: string;
  readonly args?: Readonly<Record<string, string>>;
}

/** `image: {build: …}` of the YAML, as data. */
export type DockerfileRequest = Omit<DockerfileSource, 'kind'>;

/** `undefined` for text that names no image. */
export function parseImageSource(text: string): ImageSource | undefined {
  const colon = text.indexOf(':');
  const [prefix, rest] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)];
  switch (prefix) {
    case 'docker':
      return rest.startsWith('//') ? registrySource(rest.slice(2)) : registrySource(text);
    case 'oci':
    case 'oci-archive':
    case 'docker-archive':
      return fileSource(prefix, rest);
    case 'docker-daemon':
    case 'containers-storage':
      return rest === '' ? undefined : { kind: 'engine', transport: prefix, name: rest };
    case 'build':
      return dockerfileSource(rest);
    default:
      return registrySource(text);
  }
}

/** The one-line spelling of an image that is made from a Dockerfile; `parseImageSource` reads it back. */
export function renderDockerfileSource(request: DockerfileRequest): string {
  const query = new URLSearchParams();
  if (request.file !== undefined) query.set('file', request.file);
  if (request.target !== undefined) query.set('target', request.target);
  const args = Object.entries(request.args ?? {}).map(([name, value]) => `${name}=${value}`);
  for (const arg of args.sort()) query.append('arg', arg);
  const context = request.context.replaceAll(/[%?\s]/gu, encodeURIComponent);
  const options = query.toString();
  return `build:${context}${options === '' ? '' : `?${options}`}`;
}

function registrySource(text: string): ImageSource | undefined {
  const reference = parseReference(text);
  return reference && { kind: 'registry', reference };
}

function fileSource(transport: FileSource['transport'], rest: string): FileSource | undefined {
  const colon = rest.indexOf(':');
  const path = colon === -1 ? rest : rest.slice(0, colon);
  const name = colon === -1 ? '' : rest.slice(colon + 1);
  if (path === '') return undefined;
  return { kind: 'file', transport, path, ...(name === '' ? {} : { name }) };
}

function dockerfileSource(rest: string): DockerfileSource | undefined {
  const question = rest.indexOf('?');
  const encoded = question === -1 ? rest : rest.slice(0, question);
  const query = new URLSearchParams(question === -1 ? '' : rest.slice(question + 1));
  const context = decode(encoded);
  if (context === undefined || context === '') return undefined;
  const [file, target] = [query.get('file'), query.get('target')];
  const args = query.getAll('arg').map((arg): [string, string] => {
    const equals = arg.indexOf('=');
    return equals === -1 ? [arg, ''] : [arg.slice(0, equals), arg.slice(equals + 1)];
  });
  return {
    kind: 'dockerfile',
    context,
    ...(file === null ? {} : { file }),
    ...(target === null ? {} : { target }),
    ...(args.length === 0 ? {} : { args: Object.fromEntries(args) }),
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign: no spelling of ours.
    return undefined;
  }
}
