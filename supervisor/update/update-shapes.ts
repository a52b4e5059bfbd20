/** What an update is told (docs/control-api.md, "Updates"). Pure. */

/** What comes on standard input, one behind the other. */
export interface UpdateParts {
  /** The unified kernel image. */
  readonly kernel: UpdatePart;
  /** The file system of the root, where it has a partition. */
  readonly root?: UpdatePart;
}

export interface UpdatePart {
  readonly bytes: number;
  /** SHA-256, hexadecimal. */
  readonly sha256: string;
}

/** `undefined` for anything else. */
export function readUpdateParts(value: unknown): UpdateParts | undefined {
  if (typeof value !== 'object' || value === null || !('kernel' in value)) return undefined;
  const kernel = readPart(value.kernel);
  const root = 'root' in value ? readPart(value.root) : undefined;
  if (kernel === undefined || ('root' in value && root === undefined)) return undefined;
  return { kernel, ...(root && { root }) };
}

function readPart(value: unknown): UpdatePart | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { bytes, sha256 } = value as Readonly<Record<string, unknown>>;
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes <= 0) return undefined;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/u.test(sha256)) return undefined;
  return { bytes, sha256 };
}
