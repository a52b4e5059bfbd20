/**
 * The JSON documents of an OCI image layout (image-spec 1.1): index, manifest, config. Only the fields
 * that we read or write; what others put beside them is kept out of our way, not refused.
 */
import { z } from 'zod';
import type { ImageConfig } from './image-store.ts';

export const MEDIA_TYPE = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layerTar: 'application/vnd.oci.image.layer.v1.tar',
  layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
} as const;

export const REF_NAME = 'org.opencontainers.image.ref.name';

export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:…` */
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly platform?: { readonly os: string; readonly architecture: string } | undefined;
}

export interface ImageIndex {
  readonly schemaVersion: 2;
  readonly manifests: readonly Descriptor[];
}

export interface ImageManifest {
  readonly schemaVersion: 2;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

const digest: z.ZodString = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/u, 'only sha256 digests are supported');

const descriptor: z.ZodType<Descriptor> = z.object({
  mediaType: z.string(),
  digest,
  size: z.number(),
  annotations: z.record(z.string(), z.string()).optional(),
  platform: z.object({ os: z.string(), architecture: z.string() }).optional(),
});

const index: z.ZodType<ImageIndex> = z.object({
  schemaVersion: z.literal(2),
  manifests: z.array(descriptor),
});

const manifest: z.ZodType<ImageManifest> = z.object({
  schemaVersion: z.literal(2),
  config: descriptor,
  layers: z.array(descriptor),
});

interface ConfigDocument {
  readonly config?:
    | {
        readonly Entrypoint?: readonly string[] | null | undefined;
        readonly Cmd?: readonly string[] | null | undefined;
        readonly Env?: readonly string[] | null | undefined;
        readonly WorkingDir?: string | null | undefined;
        readonly StopSignal?: string | null | undefined;
        readonly Labels?: Readonly<Record<string, string>> | null | undefined;
      }
    | null
    | undefined;
}

// Docker writes null where the specification has an absent field.
const words: z.ZodType<readonly string[] | null | undefined> = z.array(z.string()).nullish();
const config: z.ZodType<ConfigDocument> = z.object({
  config: z
    .object({
      Entrypoint: words,
      Cmd: words,
      Env: words,
      WorkingDir: z.string().nullish(),
      StopSignal: z.string().nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
});

/** A document of the store that is not what it should be. */
export class ImageFormatError extends Error {
  override readonly name = 'ImageFormatError';
}

export function parseIndex(text: string, where: string): ImageIndex {
  return parse(index, text, where);
}

export function parseManifest(text: string, where: string): ImageManifest {
  return parse(manifest, text, where);
}

export function parseConfig(text: string, where: string): ImageConfig {
  const { config: fields } = parse(config, text, where);
  return {
    entrypoint: fields?.Entrypoint ?? [],
    cmd: fields?.Cmd ?? [],
    env: fields?.Env ?? [],
    workingDir: fields?.WorkingDir ?? '',
    stopSignal: fields?.StopSignal ?? '',
    labels: fields?.Labels ?? {},
  };
}

/** The config document. It carries no date: the same image must have the same bytes on any day. */
export function renderConfig(image: ImageConfig, diffIds: readonly string[]): string {
  return JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: {
      ...(image.env.length > 0 && { Env: image.env }),
      ...(image.entrypoint.length > 0 && { Entrypoint: image.entrypoint }),
      ...(image.cmd.length > 0 && { Cmd: image.cmd }),
      ...(image.workingDir !== '' && { WorkingDir: image.workingDir }),
      ...(image.stopSignal !== '' && { StopSignal: image.stopSignal }),
      Labels: Object.fromEntries(Object.entries(image.labels).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
}

export function renderManifest(
  configDescriptor: Descriptor,
  layers: readonly Descriptor[],
): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: configDescriptor,
    layers,
  });
}

function parse<T>(schema: z.ZodType<T>, text: string, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ImageFormatError(`Cannot read ${where}: it is not JSON`, { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ImageFormatError(`Cannot read ${where}: ${z.prettifyError(result.error)}`);
}
