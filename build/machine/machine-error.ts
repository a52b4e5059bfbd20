/** What can be wrong with the machine that a command names. Commands end with `EXIT_CODES[code]`. */
export class MachineError extends Error {
  override readonly name = 'MachineError';
  /**
   * `unknown` no machine has this name, `ended` it had, `no-service` the machine has no such unit,
   * `name-taken` another machine runs under the name, `not-started`, `no-answer` its guest stays silent.
   */
  readonly code: 'unknown' | 'ended' | 'no-service' | 'name-taken' | 'not-started' | 'no-answer';

  constructor(code: MachineError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
