/**
 * Which images a configuration names, and where. Works on what a file holds, valid or not, so that a
 * missing image is told in the same run as every other mistake. Pure.
 */
import { CONTAINER_SECTIONS } from './all-containers.ts';
import { imageWord } from './image-reference.ts';
import type { ConfigPath } from './places.ts';
import { volumeImage } from './volume-tasks.ts';

export interface ImageMention {
  readonly reference: string;
  readonly path: ConfigPath;
  /** The platform it is wanted for (`linux/arm64`); absent: the machine's. */
  readonly platform?: string;
  /** Set where the image is to be run, not only unpacked: what the file says itself. */
  readonly run?: { readonly command: boolean; readonly stopSignal: boolean };
}

/** What an image is found by, once it is there: its reference, and the platform if it is not the machine's. */
export function imageKey(reference: string, platform?: string): string {
  return platform === undefined ? reference : `${reference} for ${platform}`;
}

/** @param value the file's contents as plain data, before or after validation */
export function imageMentions(value: unknown): ImageMention[] {
  const file = record(value);
  return [
    ...mention(record(file['kernel'])['image'], ['kernel', 'image']),
    ...list(file['init']).flatMap((reference, index) => mention(reference, ['init', index])),
    ...list(file['volumes']).flatMap(volumeMentions),
    ...CONTAINER_SECTIONS.flatMap((section) => containers(file, section)),
  ];
}

function volumeMentions(item: unknown, index: number): ImageMention[] {
  const { image, platforms, disk } = record(item);
  if (disk !== undefined) {
    const run = { command: true, stopSignal: false };
    return mention(volumeImage(record(disk)), ['volumes', index, 'disk'], run);
  }
  const mentions = mention(image, ['volumes', index, 'image']);
  const wanted = list(platforms).filter((platform) => typeof platform === 'string');
  if (wanted.length === 0) return mentions;
  return wanted.flatMap((platform, at) =>
    mentions.map(({ reference }) => ({
      reference,
      platform,
      path: ['volumes', index, 'platforms', at],
    })),
  );
}

function containers(file: Readonly<Record<string, unknown>>, section: string): ImageMention[] {
  return list(file[section]).flatMap((item, index) => {
    const container = record(item);
    const run = { command: 'command' in container, stopSignal: 'stopSignal' in container };
    return mention(container['image'], [section, index, 'image'], run);
  });
}

/** Nothing for what is no reference at all: the schema has said so. */
function mention(value: unknown, path: ConfigPath, run?: ImageMention['run']): ImageMention[] {
  const reference = imageWord(value);
  if (reference === undefined) return [];
  return [run === undefined ? { reference, path } : { reference, path, run }];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return value as Readonly<Record<string, unknown>>;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
