/** What is measured of an EFI program: its sections, and the digest by which signatures and firmware know it. Pure but for hashing. */
import { createHash } from 'node:crypto';

export interface Section {
  readonly name: string;
  /** As it is in memory: without what fills it up in the file. */
  readonly contents: Buffer;
}

export class PeError extends Error {
  override readonly name = 'PeError';
}

export interface PeHeader {
  /** Where the time of its making is, four bytes as the checksum. */
  readonly timeAt: number;
  readonly checksumAt: number;
  /** Of the entry in the data directories that says where signatures are. */
  readonly certificatesAt: number;
  readonly headerBytes: number;
  readonly sections: readonly {
    readonly name: string;
    readonly virtualBytes: number;
    readonly start: number;
    readonly bytes: number;
  }[];
}

const PE32_PLUS = 0x20b;

/**
 * Of PE32+, which all 64-bit EFI programs are (PE format, "COFF file header", "Optional header"). Throws `PeError`.
 * @param file or as much of it as its headers are
 */
export function readPeHeader(file: Buffer): PeHeader {
  const signature = file.length < 0x40 ? file.length : file.readUInt32LE(0x3c);
  if (file.toString('latin1', signature, signature + 4) !== 'PE\0\0') {
    throw new PeError('This is no EFI program');
  }
  const optional = signature + 24;
  if (file.readUInt16LE(optional) !== PE32_PLUS) throw new PeError('This is no 64-bit program');
  const count = file.readUInt16LE(signature + 6);
  const table = optional + file.readUInt16LE(signature + 20);
  const sections = Array.from({ length: count }, (_, index) => {
    const at = table + index * 40;
    return {
      name: file.toString('latin1', at, at + 8).replace(/\0+$/u, ''),
      virtualBytes: file.readUInt32LE(at + 8),
      bytes: file.readUInt32LE(at + 16),
      start: file.readUInt32LE(at + 20),
    };
  });
  return {
    timeAt: signature + 8,
    checksumAt: optional + 64,
    certificatesAt: optional + 112 + 4 * 8,
    headerBytes: file.readUInt32LE(optional + 60),
    sections,
  };
}

export function sectionsOf(file: Buffer): readonly Section[] {
  return readPeHeader(file).sections.map(({ name, virtualBytes, start, bytes }) => ({
    name,
    contents: file.subarray(start, start + Math.min(virtualBytes, bytes)),
  }));
}

export interface SignedRanges {
  /** From and to, in the order in which they are hashed. */
  readonly ranges: readonly (readonly [from: number, to: number])[];
  /** Zeros behind them: a signer fills a file up to eight bytes before it signs it. */
  readonly zeros: number;
  /** The table of signatures. */
  readonly certificates: { readonly start: number; readonly bytes: number };
}

/**
 * What the digest is of by which signatures and firmware know a program: all but the checksum, the place of the signatures, and these
 * ("Windows Authenticode Portable Executable Signature Format", "Calculating the PE image hash").
 * @param head as much of it as its headers are
 */
export function signedRanges(head: Buffer, fileBytes: number): SignedRanges {
  const { checksumAt, certificatesAt, headerBytes, sections } = readPeHeader(head);
  const start = head.readUInt32LE(certificatesAt);
  const signatureBytes = head.readUInt32LE(certificatesAt + 4);
  const ranges: [number, number][] = [
    [0, checksumAt],
    [checksumAt + 4, certificatesAt],
    [certificatesAt + 8, headerBytes],
  ];
  let hashed = headerBytes;
  for (const section of sections.toSorted((a, b) => a.start - b.start)) {
    if (section.bytes === 0) continue;
    ranges.push([section.start, section.start + section.bytes]);
    hashed += section.bytes;
  }
  const end = fileBytes - signatureBytes;
  if (end > hashed) ranges.push([hashed, end]);
  return {
    ranges,
    zeros: signatureBytes === 0 ? (8 - (fileBytes % 8)) % 8 : 0,
    certificates: { start, bytes: signatureBytes },
  };
}

/** SHA-256 of that. */
export function authenticode(file: Buffer): Buffer {
  const { ranges, zeros } = signedRanges(file, file.length);
  const hash = createHash('sha256');
  for (const [from, to] of ranges) hash.update(file.subarray(from, to));
  return hash.update(Buffer.alloc(zeros)).digest();
}
