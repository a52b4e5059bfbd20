// A made-up executable, small enough to reason about: page 0 holds headers and the table of program
// headers, then come `pages` pages, each filled with its own number, all mapped by one segment at
// 0x400000; a second segment maps one more page. A dynamic symbol names bytes of the first.

export const PAGE = 4096;
export const BASE = 0x40_0000;
/** The second segment lies far from the first, as in a real executable. */
export const TAIL = 0x80_0000;

export interface TinyElf {
  readonly pages: number;
  readonly symbol?: { readonly name: string; readonly address: number; readonly size: number };
  /** Whether something stands right behind the table of program headers. */
  readonly tableIsFull?: boolean;
  readonly align?: number;
}

export function tinyElf({ pages, symbol, tableIsFull = false, align = PAGE }: TinyElf): Buffer {
  const body = (1 + pages) * PAGE;
  const sections = body + PAGE;
  const elf = Buffer.alloc(sections + 3 * 64 + 256);
  elf.write('\x7fELF\x02\x01', 'latin1');
  elf.writeBigUInt64LE(64n, 32);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(2, 56);
  writeLoad(elf, 64, { offset: 0, address: BASE, fileSize: body, memorySize: body, align });
  writeLoad(elf, 64 + 56, {
    offset: body,
    address: TAIL,
    fileSize: PAGE,
    memorySize: 2 * PAGE,
    align,
  });
  if (tableIsFull) elf.writeUInt8(1, 64 + 2 * 56 + 10);
  for (let page = 1; page <= pages + 1; page++) elf.fill(page, page * PAGE, (page + 1) * PAGE);
  if (symbol !== undefined) writeSymbol(elf, sections, symbol);
  return elf;
}

interface Load {
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly align: number;
}

function writeLoad(elf: Buffer, at: number, load: Load): void {
  elf.writeUInt32LE(1, at);
  elf.writeUInt32LE(4, at + 4);
  const { offset, address, fileSize, memorySize, align } = load;
  [offset, address, address, fileSize, memorySize, align].forEach((value, index) => {
    elf.writeBigUInt64LE(BigInt(value), at + 8 + index * 8);
  });
}

/** Sections: none, the dynamic symbols, their names. */
function writeSymbol(
  elf: Buffer,
  sections: number,
  symbol: { readonly name: string; readonly address: number; readonly size: number },
): void {
  const symbols = sections + 3 * 64;
  const names = symbols + 2 * 24;
  elf.writeBigUInt64LE(BigInt(sections), 40);
  elf.writeUInt16LE(64, 58);
  elf.writeUInt16LE(3, 60);
  elf.writeUInt32LE(11, sections + 64 + 4);
  elf.writeBigUInt64LE(BigInt(symbols), sections + 64 + 24);
  elf.writeBigUInt64LE(48n, sections + 64 + 32);
  elf.writeUInt32LE(2, sections + 64 + 40);
  elf.writeBigUInt64LE(BigInt(names), sections + 128 + 24);
  elf.writeUInt32LE(1, symbols + 24);
  elf.writeBigUInt64LE(BigInt(symbol.address), symbols + 24 + 8);
  elf.writeBigUInt64LE(BigInt(symbol.size), symbols + 24 + 16);
  elf.write(`\0${symbol.name}\0`, names, 'latin1');
}

/** What a program sees at an address: what the kernel would map there, `undefined` when nothing. */
export function byteInMemory(elf: Buffer, address: number): number | undefined {
  const table = Number(elf.readBigUInt64LE(32));
  for (let index = 0; index < elf.readUInt16LE(56); index++) {
    const at = table + index * 56;
    const field = (offset: number): number => Number(elf.readBigUInt64LE(at + offset));
    const inside = address - field(16);
    if (inside < 0 || inside >= field(40)) continue;
    return inside < field(32) ? elf[field(8) + inside] : 0;
  }
  return undefined;
}
