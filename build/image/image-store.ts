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
