/** What the place where a machine runs has to tell it, wherever that comes from. */
export interface Metadata {
  /** For /run/config/provider. */
  readonly provider: string;
  readonly hostname?: string | undefined;
  /** Lines of an authorized_keys file (sshd(8)). */
  readonly authorizedKeys: readonly string[];
  /** Others, by the names of their files in /run/config; those without a value are left out. */
  readonly facts: Readonly<Record<string, string | undefined>>;
  /** Whatever the machine's owner has given it. */
  readonly userdata?: Uint8Array | undefined;
}

export class MetadataError extends Error {
  override readonly name = 'MetadataError';
}

/** No cloud has user data of more than a quarter of it; whoever serves more may not fill the machine's memory. */
export const MAX_BYTES = 1_048_576;
