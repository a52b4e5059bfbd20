/** What can go wrong while the binary is made. Callers branch on the code, people read the message. */
export type BinaryErrorCode =
  | 'bundle-failed'
  | 'npm-package-bundled'
  | 'not-elf'
  | 'no-icu'
  | 'icu-layout'
  | 'no-segment-slot'
  | 'no-type-stripper'
  | 'no-unwind-tables'
  | 'wrong-node';

export class BinaryError extends Error {
  readonly code: BinaryErrorCode;

  constructor(code: BinaryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BinaryError';
    this.code = code;
  }
}
