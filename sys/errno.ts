/**
 * The one error that system calls end in. `code` is the errno's name, so callers branch on
 * `error.code === 'EBUSY'` and never on text.
 */
export class SysError extends Error {
  override readonly name = 'SysError';
  readonly syscall: string;
  readonly code: string;
  readonly target: string;

  /** @param target what the call was made on: a path, a pid, a device. Empty when there is none. */
  constructor(syscall: string, code: string, target = '') {
    super(target === '' ? `${syscall}: ${code}` : `${syscall} ${target}: ${code}`);
    this.syscall = syscall;
    this.code = code;
    this.target = target;
  }
}

/** The errno name of anything thrown by Node or by `Sys`; `undefined` for other errors. */
export function errnoCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A short sentence about anything thrown, for people. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
