/** An archive that is refused. */

export type TarErrorCode =
  /** It ends in the middle. */
  | 'truncated'
  /** No tar archive, or one that contradicts itself. */
  | 'malformed'
  /** An entry of a kind that no root filesystem has. */
  | 'unsupported'
  /** More than a machine could hold, or than anybody means. */
  | 'absurd';

export class TarError extends Error {
  override readonly name = 'TarError';
  readonly code: TarErrorCode;
  /** The entry; '' where the archive as a whole is meant. */
  readonly path: string;

  constructor(code: TarErrorCode, path: string, why: string) {
    super(
      path === '' ? `Refusing the archive: ${why}` : `Refusing ${JSON.stringify(path)}: ${why}`,
    );
    this.code = code;
    this.path = path;
  }
}
