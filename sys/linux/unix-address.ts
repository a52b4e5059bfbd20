import { SysError } from '../errno.ts';

const AF_UNIX = 1;

/** sockaddr_un { sun_family: u16, sun_path: char[108] }, unix(7); the path ends with a zero. */
export const UNIX_ADDRESS_SIZE = 110;

/** Throws `SysError` with ENAMETOOLONG above 107 bytes. Pure. */
export function encodeUnixAddress(path: string): Buffer {
  const name = Buffer.from(path);
  if (name.length > UNIX_ADDRESS_SIZE - 3) throw new SysError('bind', 'ENAMETOOLONG', path);
  const address = Buffer.alloc(UNIX_ADDRESS_SIZE);
  address.writeUInt16LE(AF_UNIX, 0);
  name.copy(address, 2);
  return address;
}
