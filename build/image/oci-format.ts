/**
 * The JSON documents of an OCI image layout (image-spec 1.1): index, manifest, config. Only the fields
 * that we read or write; what others put beside them is kept out of our way, not refused.
 */
import { z } from 'zod';
import type { ImageConfig, ImageHealthcheck } from './image-store.ts';

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
  readonly platform?: Platform | undefined;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
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
  platform: z
    .object({ os: z.string(), architecture: z.string(), variant: z.string().optional() })
    .optional(),
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

// Docker writes null where the specification has an absent field.
const words = z.array(z.string()).nullish();
/** A set is a map with empty objects as values. */
const set = z.record(z.string(), z.unknown()).nullish();
const config = z.object({
  config: z
    .object({
      Entrypoint: words,
      Cmd: words,
      Env: words,
      WorkingDir: z.string().nullish(),
      StopSignal: z.string().nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
      User: z.string().nullish(),
      Volumes: set,
      ExposedPorts: set,
      Healthcheck: z
        .object({
          Test: words,
          Interval: z.number().nullish(),
          Timeout: z.number().nullish(),
          StartPeriod: z.number().nullish(),
          StartInterval: z.number().nullish(),
          Retries: z.number().nullish(),
        })
        .nullish(),
    })
    .nullish(),
});

type ConfigFields = NonNullable<z.output<typeof config>['config']>;

const DOCKER_INDEX = 'application/vnd.docker.distribution.manifest.list.v2+json';
const typed = z.object({
  mediaType: z.string().optional(),
  manifests: z.array(z.unknown()).optional(),
});

/** Whether a document is an index: an image for several platforms. The media type may be left out. */
export function isIndexType(text: Buffer): boolean {
  const { mediaType, manifests } = parse(typed, text.toString(), 'an image');
  if (mediaType === undefined) return manifests !== undefined;
  return mediaType === MEDIA_TYPE.index || mediaType === DOCKER_INDEX;
}

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
  const fields: ConfigFields = parse(config, text, where).config ?? {};
  const user = fields.User ?? '';
  const volumes = Object.keys(fields.Volumes ?? {}).sort();
  const exposedPorts = Object.keys(fields.ExposedPorts ?? {}).sort();
  const healthcheck = parseHealthcheck(fields.Healthcheck);
  return {
    entrypoint: fields.Entrypoint ?? [],
    cmd: fields.Cmd ?? [],
    env: fields.Env ?? [],
    workingDir: fields.WorkingDir ?? '',
    stopSignal: fields.StopSignal ?? '',
    labels: fields.Labels ?? {},
    ...(user !== '' && { user }),
    ...(healthcheck !== undefined && { healthcheck }),
    ...(volumes.length > 0 && { volumes }),
    ...(exposedPorts.length > 0 && { exposedPorts }),
  };
}

/** Docker counts in nanoseconds, and 0 means "what the engine takes by default". */
const NS_PER_MS = 1_000_000;

function parseHealthcheck(fields: ConfigFields['Healthcheck']): ImageHealthcheck | undefined {
  const test = fields?.Test ?? [];
  if (test.length === 0) return undefined;
  const ms = (name: string, ns: number | null | undefined): object =>
    ns ? { [name]: ns / NS_PER_MS } : {};
  return {
    test,
    ...ms('intervalMs', fields?.Interval),
    ...ms('timeoutMs', fields?.Timeout),
    ...ms('startPeriodMs', fields?.StartPeriod),
    ...ms('startIntervalMs', fields?.StartInterval),
    ...(fields?.Retries ? { retries: fields.Retries } : {}),
  };
}

function renderHealthcheck(healthcheck: ImageHealthcheck): object {
  const { test, intervalMs, timeoutMs, startPeriodMs, startIntervalMs, retries } = healthcheck;
  const ns = (ms: number | undefined): number | undefined => ms && ms * NS_PER_MS;
  // JSON leaves out what is undefined.
  return {
    Test: test,
    Interval: ns(intervalMs),
    Timeout: ns(timeoutMs),
    StartPeriod: ns(startPeriodMs),
    StartInterval: ns(startIntervalMs),
    Retries: retries,
  };
}

/** The config document. It carries no date: the same image must have the same bytes on any day. */
export function renderConfig(
  image: ImageConfig,
  diffIds: readonly string[],
  architecture: string = 'amd64',
): string {
  const asSet = (names: readonly string[]): object =>
    Object.fromEntries(names.map((name) => [name, {}]));
  return JSON.stringify({
    architecture,
    os: 'linux',
    config: {
      ...(image.env.length > 0 && { Env: image.env }),
      ...(image.entrypoint.length > 0 && { Entrypoint: image.entrypoint }),
      ...(image.cmd.length > 0 && { Cmd: image.cmd }),
      ...(image.workingDir !== '' && { WorkingDir: image.workingDir }),
      ...(image.stopSignal !== '' && { StopSignal: image.stopSignal }),
      ...(image.user !== undefined && { User: image.user }),
      ...(image.volumes !== undefined && { Volumes: asSet(image.volumes) }),
      ...(image.exposedPorts !== undefined && { ExposedPorts: asSet(image.exposedPorts) }),
      ...(image.healthcheck !== undefined && {
        Healthcheck: renderHealthcheck(image.healthcheck),
      }),
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
