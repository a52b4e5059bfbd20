import type { Image, ImageConfig } from '../../../../build/image/image-store.ts';
import { type ParsedConfig, parseConfig } from '../../../../build/config/parse-config.ts';
import type { ImageConfigFile } from '../../../../build/config/schema.ts';

/** A valid configuration; fails the test with the diagnostics when it is none. */
export function validConfig(text: string): ParsedConfig & { config: ImageConfigFile } {
  const parsed = parseConfig('x.yml', text);
  if (parsed.config === undefined) throw new Error(JSON.stringify(parsed.diagnostics, null, 2));
  return { ...parsed, config: parsed.config };
}

export function image(reference: string, config: Partial<ImageConfig> = {}): Image {
  const defaults = { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} };
  return {
    reference,
    digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
    config: { ...defaults, ...config },
  };
}

export function byReference(...images: readonly Image[]): ReadonlyMap<string, Image> {
  return new Map(images.map((entry) => [entry.reference, entry]));
}
