/**
 * ttrpc, gRPC's small relative that shims speak: no HTTP, but frames of ten bytes of header (length, stream, type,
 * flags; big endian) and a protobuf message (containerd/ttrpc, PROTOCOL.md). Pure; calls with one answer only.
 */
import { GrpcError, grpcCode } from './grpc-error.ts';
import { decodeMessage, encodeMessage } from './protobuf.ts';

const HEADER_BYTES = 10;
/** As the library of containerd has it. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

const REQUEST = 1;
const RESPONSE = 2;

/** The first stream of a client; they are odd. */
const STREAM = 1;

/** The only call on its connection. @param method `package.Service/Method` */
export function encodeTtrpcRequest(method: string, payload: Uint8Array): Uint8Array {
  const [service = '', name = ''] = method.split('/', 2);
  const message = encodeMessage([
    [1, service],
    [2, name],
    [3, payload],
  ]);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(message.length, 0);
  header.writeUInt32BE(STREAM, 4);
  header.writeUInt8(REQUEST, 8);
  return Buffer.concat([header, message]);
}

/**
 * The answer, once all of it is in `bytes`; `undefined` before. Throws `GrpcError` with what was refused, and
 * `ProtobufError`.
 */
export function decodeTtrpcResponse(method: string, bytes: Buffer): Uint8Array | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const length = bytes.readUInt32BE(0);
  if (bytes[8] !== RESPONSE || length > MAX_MESSAGE_BYTES) {
    throw new GrpcError('garbage', method, `${method}: no answer of ttrpc`);
  }
  if (bytes.length < HEADER_BYTES + length) return undefined;
  const response = decodeMessage(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length));
  const status = response.message(1);
  const code = status.number(1);
  if (code === 0) return response.bytes(2);
  throw new GrpcError(grpcCode(code) ?? 'garbage', method, status.text(2));
}
