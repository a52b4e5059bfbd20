/** A machine that cannot be started or does not do what it must. */
export class VmError extends Error {
  override readonly name = 'VmError';
  readonly code: 'not-started' | 'no-image' | 'guest-failed' | 'monitor' | 'timeout';

  constructor(code: VmError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
