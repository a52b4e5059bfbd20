import type { Tree } from '../rootfs/tree.ts';

/** The parts of an OCI image config (image-spec, config.md) that the builder reads. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `NAME=value` */
  readonly env: readonly string[];
  /** '' when the image sets none. */
  readonly workingDir: string;
  /** As the image says it: a name such as `SIGINT`, or a number. '' when it says none. */
  readonly stopSignal: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `USER[:GROUP]` as the image says it, names or numbers; absent or '' when it says none. */
  readonly user?: string;
  readonly healthcheck?: ImageHealthcheck;
  /** Absolute paths that are to be on volumes, sorted. */
  readonly volumes?: readonly string[];
  /** `80/tcp`, sorted. */
  readonly exposedPorts?: readonly string[];
}

/** Docker's HEALTHCHECK, an extension that all engines write. A time or number the image leaves open is absent. */
export interface ImageHealthcheck {
  /** `['NONE']`, `['CMD', …]`, `['CMD-SHELL', line]`; never empty. */
  readonly test: readonly string[];
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  readonly startPeriodMs?: number;
  readonly startIntervalMs?: number;
  readonly retries?: number;
}

export interface Image {
  /** As asked for. */
  readonly reference: string;
  /** Digest of the image manifest, `sha256:…`. */
  readonly digest: string;
  readonly config: ImageConfig;
}

/** Where images come from. The real one is an OCI layout directory in the user's cache. */
export interface ImageStore {
  /** The image a reference names; `undefined` when the store has none. */
  find(reference: string): Promise<Image | undefined>;
  /** All layers applied in order, whiteouts honoured. */
  tree(image: Image): Promise<Tree>;
}
