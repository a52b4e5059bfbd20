// The package of Unicode and locale data that is linked into Node ("ICU common data"): its table of
// contents, which items PID 1 needs, and a smaller package made of those. Pure.
//
// Layout, little endian (ICU: unicode/udata.h UDataInfo, common/ucmndata.h UDataOffsetTOC):
//   header   0 headerSize u16, 2 magic 0xda 0x27, 12 format 'CmnD'
//   TOC      at headerSize: 0 count u32, then count × { nameOffset u32, dataOffset u32 }
//   both offsets count from the TOC; names end in NUL and are sorted, ICU looks them up by bisection;
//   items follow in the same order, each starting on a multiple of 16; an item ends where the next begins

import { BinaryError } from './binary-error.ts';
import { readString } from './elf.ts';

const HEADER_MAGIC = 0x27da;
const FORMAT = 'CmnD';
const ITEM_ALIGN = 16;

export interface IcuItem {
  /** With the package's prefix: `icudt78l/zone/en.res`. */
  readonly name: string;
  readonly data: Buffer;
}

/** Every item of a package that fills `bytes` exactly. @throws BinaryError `icu-layout` */
export function readIcuPackage(bytes: Buffer): readonly IcuItem[] {
  const isPackage =
    bytes.readUInt16LE(2) === HEADER_MAGIC && bytes.toString('latin1', 12, 16) === FORMAT;
  if (!isPackage) throw new BinaryError('icu-layout', 'the ICU data does not begin with a header');
  const toc = bytes.subarray(bytes.readUInt16LE(0));
  const count = toc.readUInt32LE(0);
  const start = (index: number): number =>
    index < count ? toc.readUInt32LE(8 + index * 8) : toc.length;
  return Array.from({ length: count }, (_, index) => {
    if (start(index) > start(index + 1) || start(index + 1) > toc.length) {
      throw new BinaryError('icu-layout', `ICU item ${index} of ${count} ends before it begins`);
    }
    return {
      name: readString(toc, toc.readUInt32LE(4 + index * 8)),
      data: toc.subarray(start(index), start(index + 1)),
    };
  });
}

const LOCALE_DATA = /^[a-z]{2,3}(_\w*)?\.res$/;
const KEPT_LOCALES = new Set(['en', 'en_001', 'en_US', 'en_US_POSIX', 'res_index']);
// Character set converters, dictionaries for line breaking in scripts without spaces, confusable
// characters and string preparation for protocols nobody here speaks.
const DROPPED_KINDS = /\.(cnv|dict|cfu|spp)$/;
// What JavaScript has no way to ask for since V8's own break iterator is gone from Intl: names of
// characters, their place in a syllable, rules for lines and titles. Then the names of converters that
// are not there, Windows' names of time zones, a normal form that ECMAScript does not know, and what
// only Greek uses.
const UNREACHABLE =
  /^(unames\.icu|ulayout\.icu|cnvalias\.icu|nfkc_scf\.nrm|windowsZones\.res|(line\w*|title|sent_el)\.brk)$/;

/**
 * Whether PID 1 needs an item: everything that is not bound to a language, and English. Normalization,
 * IDNA, the other break rules and time zones must stay: V8 ends the process when one of those is missing.
 */
export function isNeeded(name: string): boolean {
  const path = name.slice(name.indexOf('/') + 1);
  const file = path.slice(path.lastIndexOf('/') + 1);
  if (DROPPED_KINDS.test(file) || UNREACHABLE.test(file)) return false;
  if (path.startsWith('translit/')) return false;
  return !LOCALE_DATA.test(file) || KEPT_LOCALES.has(file.slice(0, -'.res'.length));
}

/** A package of `items` (in the order given, which must be sorted by name) under the header of `original`. */
export function writeIcuPackage(original: Buffer, items: readonly IcuItem[]): Buffer {
  const header = original.subarray(0, original.readUInt16LE(0));
  const names = items.map(({ name }) => Buffer.from(`${name}\0`, 'latin1'));
  const toc = Buffer.alloc(4 + items.length * 8);
  toc.writeUInt32LE(items.length, 0);

  const parts: Buffer[] = [header, toc, ...names];
  let length = toc.length;
  names.forEach((name, index) => {
    toc.writeUInt32LE(length, 4 + index * 8);
    length += name.length;
  });
  items.forEach(({ data }, index) => {
    const padding = -(header.length + length) & (ITEM_ALIGN - 1);
    parts.push(Buffer.alloc(padding), data);
    toc.writeUInt32LE(length + padding, 8 + index * 8);
    length += padding + data.length;
  });
  return Buffer.concat(parts);
}
