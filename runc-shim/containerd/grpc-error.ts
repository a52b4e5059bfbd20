/** The status codes of gRPC by number (grpc/grpc, doc/statuscodes.md), without 0, which is no error. */
const STATUS = [
  'cancelled',
  'unknown',
  'invalid-argument',
  'deadline-exceeded',
  'not-found',
  'already-exists',
  'permission-denied',
  'resource-exhausted',
  'failed-precondition',
  'aborted',
  'out-of-range',
  'unimplemented',
  'internal',
  'unavailable',
  'data-loss',
  'unauthenticated',
] as const;

/** `garbage`: what came was no gRPC at all. */
export type GrpcErrorCode = (typeof STATUS)[number] | 'garbage';

/** A call that was refused, or not answered. `message` is the server's own words wherever it had any. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  readonly code: GrpcErrorCode;
  /** `package.Service/Method`. */
  readonly method: string;

  constructor(code: GrpcErrorCode, method: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.method = method;
  }
}

/** `undefined` for what is no status of gRPC. */
export function grpcCode(status: number): GrpcErrorCode | undefined {
  return STATUS[status - 1];
}

export function hasGrpcCode(error: unknown, ...codes: readonly GrpcErrorCode[]): boolean {
  return error instanceof GrpcError && codes.includes(error.code);
}
