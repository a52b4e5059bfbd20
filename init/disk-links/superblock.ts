/** What a file system, or whatever else a disk holds, says of itself in its first bytes. Pure. */

export interface Superblock {
  readonly label?: string;
  /** As blkid(8) writes it: for FAT and ISO 9660 no UUID, but what stands for one. */
  readonly uuid?: string;
}

/** As much of a disk as `readSuperblock` looks at: Btrfs begins latest. */
export const SUPERBLOCK_BYTES: number = 65_536 + 1024;

type Reader = (head: Buffer) => Superblock;

interface Known {
  readonly magic: string;
  readonly at: number;
  readonly read: Reader;
}

/** Places are those of the kernel's headers of the same names. */
const KNOWN: readonly Known[] = [
  // LUKS1 and 2 (cryptsetup's on-disk format): the UUID is text, only LUKS2 has a label.
  {
    magic: 'LUKS\xba\xbe',
    at: 0,
    read: (head) => ({
      uuid: words(head, 168, 40),
      label: head.readUInt16BE(6) === 2 ? words(head, 24, 48) : '',
    }),
  },
  { magic: 'XFSB', at: 0, read: (head) => named(head, 32, [108, 12]) },
  // ext2, ext3, ext4
  { magic: '\x53\xef', at: 1024 + 56, read: (head) => named(head, 1024 + 104, [1024 + 120, 16]) },
  // EROFS
  {
    magic: '\xe2\xe1\xf5\xe0',
    at: 1024,
    read: (head) => named(head, 1024 + 48, [1024 + 64, 16]),
  },
  { magic: 'SWAPSPACE2', at: 4086, read: (head) => named(head, 1024 + 12, [1024 + 28, 16]) },
  {
    magic: '_BHRfS_M',
    at: 65_536 + 64,
    read: (head) => named(head, 65_536 + 32, [65_536 + 299, 256]),
  },
  { magic: 'CD001', at: 32_769, read: readIso },
  { magic: 'FAT32   ', at: 82, read: (head) => readFat(head, 67) },
  { magic: 'FAT16   ', at: 54, read: (head) => readFat(head, 39) },
  { magic: 'FAT12   ', at: 54, read: (head) => readFat(head, 39) },
];

/** `undefined` for what nobody here knows. Shorter heads, of tiny disks, are taken for zeros behind. */
export function readSuperblock(head: Buffer): Superblock | undefined {
  const whole = Buffer.concat([head], Math.max(head.length, SUPERBLOCK_BYTES));
  const found = KNOWN.find(
    ({ magic, at }) => whole.toString('latin1', at, at + magic.length) === magic,
  );
  if (found === undefined) return undefined;
  const { label, uuid } = found.read(whole);
  return {
    ...(label !== undefined && label !== '' && { label }),
    ...(uuid !== undefined && uuid !== '' && { uuid }),
  };
}

function named(head: Buffer, uuidAt: number, [at, length]: readonly [number, number]): Superblock {
  const hex = head.toString('hex', uuidAt, uuidAt + 16);
  const uuid = /^0+$/u.test(hex) ? '' : hex.replace(/^(.{8})(.{4})(.{4})(.{4})/u, '$1-$2-$3-$4-');
  return { uuid, label: words(head, at, length) };
}

/** The volume's number and, behind it, its name; which a disk without one calls NO NAME (fatgen103, "BS_VolLab"). */
function readFat(head: Buffer, at: number): Superblock {
  const number = head.readUInt32LE(at).toString(16).toUpperCase().padStart(8, '0');
  const label = words(head, at + 4, 11);
  return {
    uuid: `${number.slice(0, 4)}-${number.slice(4)}`,
    label: label === 'NO NAME' ? '' : label,
  };
}

/** The name, and the time of its last change, in sixteen digits (ECMA-119, 8.4). */
function readIso(head: Buffer): Superblock {
  const volume = 32_768;
  const changed = words(head, volume + 830, 16);
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/u.exec(changed);
  return { label: words(head, volume + 40, 32), uuid: parts?.slice(1).join('-') ?? '' };
}

/** Text that ends with a zero, or is filled up with spaces. */
function words(head: Buffer, at: number, length: number): string {
  const bytes = head.subarray(at, at + length);
  const end = bytes.indexOf(0);
  return bytes
    .subarray(0, end === -1 ? length : end)
    .toString('utf8')
    .trimEnd();
}
