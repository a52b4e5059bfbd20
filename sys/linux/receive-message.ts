/** One message of a unix socket with the descriptors that were sent along (recvmsg(2); unix(7), SCM_RIGHTS). */
import { addressOf, libc } from './libc.ts';

const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x4000_0000;

/** struct msghdr of every 64-bit Linux (recvmsg(2)): iovec @16, their number @24, control @32, its size @40. */
const MSGHDR_SIZE = 56;
/** struct cmsghdr { cmsg_len: u64, cmsg_level: i32, cmsg_type: i32 }, then descriptors. */
const CMSG_DATA = 16;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const TEXT_SIZE = 4096;
/** What does not fit the kernel closes. */
const MOST_DESCRIPTORS = 8;

export interface ReceivedMessage {
  readonly bytes: Uint8Array;
  /** The caller's to close. */
  readonly descriptors: readonly number[];
}

/** `undefined` while there is none. Never waits. */
export function receiveMessage(socket: number): ReceivedMessage | undefined {
  const text = Buffer.alloc(TEXT_SIZE);
  const control = Buffer.alloc(CMSG_DATA + 4 * MOST_DESCRIPTORS);
  const iovec = Buffer.alloc(16); // { iov_base: pointer, iov_len: u64 }
  iovec.writeBigUInt64LE(addressOf(text), 0);
  iovec.writeBigUInt64LE(BigInt(text.length), 8);
  const message = Buffer.alloc(MSGHDR_SIZE);
  message.writeBigUInt64LE(addressOf(iovec), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(addressOf(control), 32);
  message.writeBigUInt64LE(BigInt(control.length), 40);
  const length = libc('recvmsg')(socket, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (length < 0n) return undefined;
  const controlLength = message.readBigUInt64LE(40);
  return {
    bytes: text.subarray(0, Number(length)),
    descriptors: controlLength < BigInt(CMSG_DATA) ? [] : descriptorsOf(control),
  };
}

function descriptorsOf(control: Buffer): readonly number[] {
  if (control.readInt32LE(8) !== SOL_SOCKET || control.readInt32LE(12) !== SCM_RIGHTS) return [];
  const count = (Number(control.readBigUInt64LE(0)) - CMSG_DATA) / 4;
  return Array.from({ length: count }, (_, index) => control.readInt32LE(CMSG_DATA + 4 * index));
}
