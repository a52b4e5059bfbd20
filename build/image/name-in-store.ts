/** Under which name the store keeps what a word of the YAML stands for. */
import { resolve } from 'node:path';
import { parseImageSource, renderDockerfileSource } from './image-source.ts';
import { storedName } from './reference.ts';

/** Names of local things hold whole paths: `./app` of two projects is not the same. */
export function nameInStore(reference: string): string {
  const source = parseImageSource(reference);
  switch (source?.kind) {
    case 'file': {
      const { transport, path, name } = source;
      return `${transport}:${resolve(path)}:${name ?? 'latest'}`;
    }
    case 'dockerfile':
      return storedName(renderDockerfileSource({ ...source, context: resolve(source.context) }));
    default:
      return storedName(reference);
  }
}
