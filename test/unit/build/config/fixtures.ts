import type { Image, ImageConfig } from '../../../../build/image/image-store.ts';
import { checkContainers } from '../../../../build/config/check-containers.ts';
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

/** What is wrong with a text: `line:col code`, with the suggestion behind it if there is one. */
export function problems(text: string): readonly string[] {
  return parseConfig('x.yml', text).diagnostics.map(({ line, col, code, suggestion }) =>
    suggestion === undefined ? `${line}:${col} ${code}` : `${line}:${col} ${code} ${suggestion}`,
  );
}

/** What is wrong with a valid text once its images are known; without any, `i` says only what it runs. */
export function problemsWithImages(text: string, ...images: readonly Image[]): readonly string[] {
  const { config, places } = validConfig(text);
  const known = byReference(...(images.length === 0 ? [image('i', { cmd: ['/x'] })] : images));
  return checkContainers(config, known, places).map(
    ({ line, col, code }) => `${line}:${col} ${code}`,
  );
}

const KERNEL = 'kernel: {image: k}\n';

/** A text with one container of the section; its keys begin in line 4, column 5. */
export function withKeys(section: 'onboot' | 'onshutdown' | 'services', keys: string): string {
  return `${KERNEL}${section}:\n  - {name: a, image: i,\n    ${keys}}\n`;
}

/** A file with an onboot task `format` and the services given, whose lines begin in line 5. */
export function services(...entries: readonly string[]): string {
  const list = entries.map((entry) => `  - {image: i, ${entry}}\n`).join('');
  return `${KERNEL}onboot:\n  - {name: format, image: i}\nservices:\n${list}`;
}
