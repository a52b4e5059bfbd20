export type LinuxkitErrorCode =
  /** There is no config.json: half a bundle. */
  | 'config-missing'
  | 'config-malformed'
  /** Neither `rootfs` nor `lower`, nor what runtime.json names in their place. */
  | 'root-missing'
  | 'runtime-malformed'
  | 'unknown-field';

/** Why a bundle of a LinuxKit root cannot be run. `path` is its directory, or the file in it. */
export class LinuxkitError extends Error {
  override readonly name = 'LinuxkitError';
  readonly code: LinuxkitErrorCode;
  readonly path: string;

  constructor(code: LinuxkitErrorCode, path: string, message: string) {
    super(`${path}: ${message}`);
    this.code = code;
    this.path = path;
  }
}
