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
  /** Absent for an image that was made in this store. */
  readonly origin?: ImageOrigin;
}

/** Where an image of the store came from. */
export interface ImageOrigin {
  /** `docker.io/library/redis:7`, `oci:/path`, `build:./dir`. */
  readonly source: string;
  /** What pins it there: the digest of the index of an image for several platforms, else of its manifest. */
  readonly digest: string;
  /** Digest of the manifest as the source has it; the store may keep another form of it. */
  readonly manifest?: string;
  /** Changes when what is behind `source` does; for files of this machine. */
  readonly stamp?: string;
  /** Fingerprint of the key whose signature was checked. */
  readonly verifiedBy?: string;
}

/** Where images come from. The real one is an OCI layout directory in the user's cache. */
export interface ImageStore {
  /** The image a reference names; `undefined` when the store has none. */
  find(reference: string): Promise<Image | undefined>;
  /** All layers applied in order, whiteouts honoured. */
  tree(image: Image): Promise<Tree>;
}
