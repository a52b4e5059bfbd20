/** A GUID partition table (UEFI 2.10, 5.3). Pure. */

export interface GptPartition {
  /** Counted from 1, as the kernel does. */
  readonly number: number;
  /** Its own GUID, in small letters. */
  readonly guid: string;
  readonly name: string;
  /** In bytes. */
  readonly start: number;
  readonly bytes: number;
}

const SECTOR = 512;

/** The header's block and as many entries as every tool writes. */
export const GPT_BYTES: number = 34 * SECTOR;

/** None for a disk that has no such table. @param head the first `GPT_BYTES` of the disk, of sectors of 512 bytes */
export function parseGpt(head: Buffer): readonly GptPartition[] {
  if (head.length < GPT_BYTES || head.toString('latin1', SECTOR, SECTOR + 8) !== 'EFI PART')
    return [];
  const start = Number(head.readBigUInt64LE(SECTOR + 72)) * SECTOR;
  const count = head.readUInt32LE(SECTOR + 80);
  const bytes = head.readUInt32LE(SECTOR + 84);
  const partitions: GptPartition[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = start + index * bytes;
    if (at + bytes > head.length) break;
    if (head.subarray(at, at + 16).every((byte) => byte === 0)) continue;
    const name = head.toString('utf16le', at + 56, at + 128).replace(/\0.*$/su, '');
    const [first, last] = [32, 40].map((field) => Number(head.readBigUInt64LE(at + field)));
    partitions.push({
      number: index + 1,
      guid: guidAt(head, at + 16),
      name,
      start: (first ?? 0) * SECTOR,
      bytes: ((last ?? 0) - (first ?? 0) + 1) * SECTOR,
    });
  }
  return partitions;
}

/** The first three fields are little-endian, the others are bytes (UEFI 2.10, Appendix A). */
function guidAt(head: Buffer, at: number): string {
  const hex = (from: number, to: number): string => head.toString('hex', at + from, at + to);
  const turned = (from: number, to: number): string =>
    Buffer.from(head.subarray(at + from, at + to).toReversed()).toString('hex');
  return [turned(0, 4), turned(4, 6), turned(6, 8), hex(8, 10), hex(10, 16)].join('-');
}
