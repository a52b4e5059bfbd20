/**
 * The checks that need the images themselves: is each one there, and does every container know what to
 * run and how to be stopped? The store is reached only through the lookup that is handed in.
 */
import { DEFAULT_SERVICE_POLICY } from '../../supervisor/service/policy.ts';
import type { Image } from '../image/image-store.ts';
import type { ContainerConfig } from './container-schema.ts';
import { type Diagnostic, type Place, sortDiagnostics } from './diagnostics.ts';
import { CONFIG_LABEL, labelSettings, readLabel } from './image-label.ts';
import { imageKey, type ImageMention, imageMentions } from './image-mentions.ts';
import type { Places } from './places.ts';
import { parseSignal } from './signal.ts';

export interface ResolvedImages {
  /** By `imageKey()`, every image of the file that the lookup found. */
  readonly images: ReadonlyMap<string, Image>;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ImageLookup {
  /** `ImageStore.find`. What it throws goes to the caller: a broken store is no mistake of the file. */
  find(reference: string, platform?: string): Promise<Image | undefined>;
  /** How a person gets a missing image, as half a sentence: `build it with …`. */
  advise?(reference: string, platform?: string): string;
}

/**
 * Looks up every image that a configuration names, each once.
 * @param config the configuration, or what the file holds when it is no valid one
 */
export async function resolveImages(
  config: unknown,
  places: Places,
  lookup: ImageLookup,
): Promise<ResolvedImages> {
  const mentions = imageMentions(config);
  const wanted = new Map(mentions.map((mention) => [keyOf(mention), mention]));
  const images = new Map<string, Image>();
  await Promise.all(
    [...wanted].map(async ([key, { reference, platform }]) => {
      const image = await lookup.find(reference, platform);
      if (image !== undefined) images.set(key, image);
    }),
  );
  const diagnostics = mentions.flatMap((mention): readonly Diagnostic[] => {
    const place = places.value(mention.path);
    const image = images.get(keyOf(mention));
    if (image === undefined) return [missingImage(mention, place, lookup)];
    return unusable(mention, image).map((problem) => ({ ...problem, ...place }));
  });
  return { images, diagnostics: sortDiagnostics(diagnostics) };
}

/** What a container runs: the YAML's command, or else the label's, or else the image's entrypoint and command together. */
export function commandOf(container: ContainerConfig, image: Image): readonly string[] {
  const { entrypoint, cmd } = image.config;
  return container.command ?? labelSettings(image).command ?? [...entrypoint, ...cmd];
}

/** What a container's stop signal is: the YAML's, or else the image's; `undefined` for no signal at all. */
export function stopSignalOf(container: ContainerConfig, image: Image): number | undefined {
  const { stopSignal } = image.config;
  if (container.stopSignal !== undefined) return container.stopSignal;
  return stopSignal === '' ? DEFAULT_SERVICE_POLICY.stopSignal : parseSignal(stopSignal);
}

function unusable(
  { reference, run }: ImageMention,
  image: Image,
): readonly Pick<Diagnostic, 'code' | 'message'>[] {
  if (run === undefined) return [];
  const { config } = image;
  const name = `image "${reference}"`;
  const label = readLabel(image);
  if ('problems' in label) {
    return label.problems.map((wrong) => ({
      code: 'bad-label' as const,
      message: `the label ${CONFIG_LABEL} of ${name} is wrong: ${wrong}`,
    }));
  }
  const problems: Pick<Diagnostic, 'code' | 'message'>[] = [];
  const ownCommand = config.entrypoint.length + config.cmd.length;
  if (!run.command && label.settings.command === undefined && ownCommand === 0) {
    const message = `${name} has neither entrypoint nor command: say "command:" here`;
    problems.push({ code: 'no-command', message });
  }
  const signal = config.stopSignal;
  if (!run.stopSignal && signal !== '' && parseSignal(signal) === undefined) {
    const message = `${name} names "${signal}", which is no signal: say "stopSignal:" here`;
    problems.push({ code: 'unknown-signal', message });
  }
  return problems;
}

function keyOf({ reference, platform }: ImageMention): string {
  return imageKey(reference, platform);
}

function missingImage(
  { reference, platform }: ImageMention,
  place: Place,
  lookup: ImageLookup,
): Diagnostic {
  const advice = lookup.advise?.(reference, platform) ?? 'build or import it first';
  const where = platform === undefined ? '' : ` for ${platform}`;
  const message = `no image "${reference}"${where}: ${advice}`;
  return { code: 'missing-image', message, ...place };
}
