import { describe, expect, it } from 'vitest';
import { GrpcError } from '../../../../runc-shim/containerd/grpc-error.ts';
import { decodeMessage, encodeMessage } from '../../../../runc-shim/containerd/protobuf.ts';
import {
  decodeTtrpcResponse,
  encodeTtrpcRequest,
} from '../../../../runc-shim/containerd/ttrpc-frame.ts';

const METHOD = 'containerd.task.v2.Task/Wait';

function response(message: Uint8Array, type = 2): Buffer {
  const header = Buffer.alloc(10);
  header.writeUInt32BE(message.length, 0);
  header.writeUInt32BE(1, 4);
  header.writeUInt8(type, 8);
  return Buffer.concat([header, message]);
}

function codeOf(bytes: Buffer): string {
  try {
    return decodeTtrpcResponse(METHOD, bytes) === undefined ? 'more' : 'answer';
  } catch (error) {
    if (error instanceof GrpcError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('encodeTtrpcRequest()', () => {
  it('has a header and names service and method apart', () => {
    const bytes = Buffer.from(encodeTtrpcRequest(METHOD, Buffer.from('p')));
    expect(bytes.toString('hex', 0, 10)).toBe(
      `000000${(bytes.length - 10).toString(16)}000000010100`,
    );
    const message = decodeMessage(bytes.subarray(10));
    expect([message.text(1), message.text(2), message.text(3)]).toEqual([
      'containerd.task.v2.Task',
      'Wait',
      'p',
    ]);
  });
});

describe('decodeTtrpcResponse()', () => {
  it('waits for all of it', () => {
    const bytes = response(encodeMessage([[2, encodeMessage([[1, 137]])]]));
    for (let length = 0; length < bytes.length; length += 1) {
      expect(codeOf(bytes.subarray(0, length))).toBe('more');
    }
    const answer = decodeTtrpcResponse(METHOD, bytes) ?? new Uint8Array();
    expect(decodeMessage(answer).number(1)).toBe(137);
  });

  it('takes an empty one for an answer', () => {
    expect(codeOf(response(new Uint8Array()))).toBe('answer');
  });

  it('says what was refused, and what is none of ttrpc', () => {
    const status = encodeMessage([
      [1, 5],
      [2, 'no such task'],
    ]);
    expect(codeOf(response(encodeMessage([[1, status]])))).toBe('not-found: no such task');
    expect(codeOf(response(new Uint8Array(), 1))).toMatch(/^garbage: /);
    expect(codeOf(Buffer.from('HTTP/1.1 400 Bad Request'))).toMatch(/^garbage: /);
  });
});
