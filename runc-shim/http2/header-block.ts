/** Header fields as HTTP/2 carries them: HPACK (RFC 7541). Pure; a decoder keeps what its connection has said before. */
import { decodeHuffman } from './huffman.ts';
import { Http2Error } from './http2-error.ts';

/** The name in lower case. Both are bytes, one in each character (latin1). */
export type Header = readonly [name: string, value: string];

/** What a server may remember without having asked (RFC 9113, 6.5.2: SETTINGS_HEADER_TABLE_SIZE). */
const TABLE_BYTES = 4096;

/** What an entry counts for beside its text (RFC 7541, 4.1). */
const ENTRY_BYTES = 32;

/** RFC 7541, appendix A, from number 1 on: a name, and where there is one its value. */
const STATIC: readonly Header[] = `\
:authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|:status 204|\
:status 206|:status 304|:status 400|:status 404|:status 500|accept-charset|accept-encoding gzip, deflate|\
accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|\
content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|\
cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|\
last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|\
server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate`
  .split('|')
  .map((entry) => {
    const [name = '', ...value] = entry.split(' ');
    return [name, value.join(' ')];
  });

/** As literals that nobody has to remember: a request of ours is a few hundred bytes, on a socket of this machine. */
export function encodeHeaders(headers: readonly Header[]): Buffer {
  return Buffer.concat(
    headers.flatMap(([name, value]) => [Buffer.of(0), encodeText(name), encodeText(value)]),
  );
}

function encodeText(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([encodeInteger(bytes.length, 7), bytes]);
}

/** RFC 7541, 5.1, with nothing in the bits before it. */
function encodeInteger(value: number, prefixBits: number): Buffer {
  const most = 2 ** prefixBits - 1;
  if (value < most) return Buffer.of(value);
  const bytes = [most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

/** Of one connection: each block has to be given to it, in their order, also those that nobody waits for. */
export class HeaderDecoder {
  private readonly mostBytes: number;
  private tableBytes: number;
  /** The newest first, as they are counted. */
  private readonly table: Header[] = [];

  /** @param mostBytes what the server was told that it may have remembered */
  constructor(mostBytes: number = TABLE_BYTES) {
    this.mostBytes = mostBytes;
    this.tableBytes = mostBytes;
  }

  /** Throws `Http2Error` `protocol`; there is no way on after that. */
  decode(block: Buffer): readonly Header[] {
    const headers: Header[] = [];
    const reader = new BlockReader(block);
    while (reader.hasMore) {
      const kind = reader.peek();
      if ((kind & 0x80) !== 0) headers.push(this.entry(reader.integer(7)));
      else if ((kind & 0x40) !== 0) headers.push(this.remember(this.literal(reader, 6)));
      else if ((kind & 0x20) !== 0) this.resize(reader.integer(5));
      else headers.push(this.literal(reader, 4));
    }
    return headers;
  }

  private literal(reader: BlockReader, prefixBits: number): Header {
    const number = reader.integer(prefixBits);
    const name = number === 0 ? reader.text() : this.entry(number)[0];
    return [name, reader.text()];
  }

  private entry(number: number): Header {
    const found =
      number <= STATIC.length ? STATIC[number - 1] : this.table[number - STATIC.length - 1];
    if (found === undefined) throw new Http2Error('protocol', `a header with the number ${number}`);
    return found;
  }

  private remember(header: Header): Header {
    this.table.unshift(header);
    this.evict();
    return header;
  }

  private resize(bytes: number): void {
    if (bytes > this.mostBytes) {
      throw new Http2Error('protocol', `a table of headers of ${bytes} bytes`);
    }
    this.tableBytes = bytes;
    this.evict();
  }

  private evict(): void {
    let bytes = 0;
    const kept = this.table.findIndex(([name, value]) => {
      bytes += name.length + value.length + ENTRY_BYTES;
      return bytes > this.tableBytes;
    });
    if (kept !== -1) this.table.length = kept;
  }
}

/** Beyond this no number of a header block means anything, and none of them is inexact. */
const LARGEST = 2 ** 28;

class BlockReader {
  private readonly block: Buffer;
  private at = 0;

  constructor(block: Buffer) {
    this.block = block;
  }

  get hasMore(): boolean {
    return this.at < this.block.length;
  }

  peek(): number {
    const byte = this.block[this.at];
    if (byte === undefined) throw new Http2Error('protocol', 'headers that end too early');
    return byte;
  }

  integer(prefixBits: number): number {
    const most = 2 ** prefixBits - 1;
    let value = this.next() & most;
    if (value < most) return value;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.next();
      value += (byte & 127) * unit;
      if (value > LARGEST || unit > LARGEST)
        throw new Http2Error('protocol', 'a number in headers');
      if (byte < 128) return value;
    }
  }

  text(): string {
    const isHuffman = (this.peek() & 0x80) !== 0;
    const length = this.integer(7);
    const bytes = this.block.subarray(this.at, this.at + length);
    if (bytes.length < length) throw new Http2Error('protocol', 'headers that end too early');
    this.at += length;
    return (isHuffman ? decodeHuffman(bytes) : bytes).toString('latin1');
  }

  private next(): number {
    const byte = this.peek();
    this.at += 1;
    return byte;
  }
}
