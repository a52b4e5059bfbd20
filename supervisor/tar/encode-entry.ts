/** What stands before the contents of one entry of a tar archive, and what follows them. Pure. */
import { encodePax, type PaxRecord } from './pax.ts';
import { BLOCK, encodeHeader, type TarHeader } from './tar-header.ts';

/** What seven and eleven octal digits hold. */
const LARGEST_ID = 0o7777777;
const LARGEST_SIZE = 0o77777777777;

/** The end of an archive. */
export const END_OF_ARCHIVE: Uint8Array = Buffer.alloc(2 * BLOCK);

/**
 * The header as ustar has it, behind a PAX header with what does not fit and with `more`. Names of users are
 * left out, as no reader of ours would use them.
 */
export function encodeEntry(header: TarHeader, more: readonly PaxRecord[] = []): Buffer {
  const records = [...recordsOf(header), ...more];
  const { name, linkname, size, uid, gid } = header;
  const ustar = encodeHeader({
    ...header,
    name: fits(name) ? name : ascii(name),
    linkname: fits(linkname) ? linkname : ascii(linkname),
    size: size > LARGEST_SIZE ? 0 : size,
    uid: uid > LARGEST_ID ? 0 : uid,
    gid: gid > LARGEST_ID ? 0 : gid,
  });
  return records.length === 0 ? ustar : Buffer.concat([paxHeader(records), ustar]);
}

/** Contents fill whole blocks. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

function recordsOf({ name, linkname, size, uid, gid }: TarHeader): readonly PaxRecord[] {
  const record = (key: string, value: string | number, needed: boolean): readonly PaxRecord[] =>
    needed ? [[key, Buffer.from(String(value))]] : [];
  return [
    ...record('path', name, !fits(name)),
    ...record('linkpath', linkname, !fits(linkname)),
    ...record('size', size, size > LARGEST_SIZE),
    ...record('uid', uid, uid > LARGEST_ID),
    ...record('gid', gid, gid > LARGEST_ID),
  ];
}

function paxHeader(records: readonly PaxRecord[]): Buffer {
  const body = encodePax(records);
  const header = encodeHeader({
    name: 'PaxHeader',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: body.length,
    mtime: 0,
    type: 'x',
    linkname: '',
    major: 0,
    minor: 0,
  });
  return Buffer.concat([header, body, padding(body.length)]);
}

/** Whether a name fits into its field as it is, for every reader. */
function fits(name: string): boolean {
  return name.length <= 100 && /^[\x20-\x7e]*$/u.test(name);
}

/** For readers that know no PAX: something of the name. */
function ascii(name: string): string {
  return name.replaceAll(/[^\x20-\x7e]/gu, '_').slice(0, 100);
}
