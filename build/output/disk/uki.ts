/**
 * A unified kernel image: systemd-stub(7) with the kernel, its initrd and its command line as sections of one EFI program, so that
 * one signature is about all of them. And that signature, as Secure Boot wants it.
 */
import { open, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchName } from '../../arch.ts';
import type { SignConfig } from '../../config/root-schema.ts';
import { runCommand } from '../../host-command.ts';
import type { HostTool } from '../../host-tools.ts';
import { readPeHeader } from '../../../supervisor/update/pe-image.ts';

interface Binutils {
  readonly objcopy: HostTool;
  readonly objdump: string;
}

const WHY = 'put a kernel and its initrd into one EFI program';
const BINUTILS: Record<ArchName, Binutils> = {
  amd64: {
    objcopy: { command: 'objcopy', package: 'binutils', why: WHY },
    objdump: 'objdump',
  },
  arm64: {
    objcopy: {
      command: 'aarch64-linux-gnu-objcopy',
      package: 'binutils-aarch64-linux-gnu',
      why: WHY,
    },
    objdump: 'aarch64-linux-gnu-objdump',
  },
};

export function ukiTool(arch: ArchName): HostTool {
  return BINUTILS[arch].objcopy;
}

export const SIGN_TOOLS: readonly HostTool[] = [
  { command: 'osslsigncode', package: 'osslsigncode', why: 'sign what firmware starts' },
];

export interface UkiRequest {
  readonly arch: ArchName;
  /** Files of the host. */
  readonly stub: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly cmdline: string;
  /** What a boot menu calls it. */
  readonly title: string;
  /** A folder for what is needed in between. */
  readonly scratch: string;
}

/** @returns the file */
export async function writeUki(request: UkiRequest): Promise<string> {
  const { arch, stub, kernel, initrd, cmdline, title, scratch } = request;
  const { objcopy, objdump } = BINUTILS[arch];
  const texts = { osrel: join(scratch, 'uki.osrel'), cmdline: join(scratch, 'uki.cmdline') };
  await writeFile(texts.osrel, `ID=ishmael\nPRETTY_NAME="${title}"\n`);
  await writeFile(texts.cmdline, cmdline);
  // The kernel last: it may be unpacked in place.
  const sections = [
    ['.osrel', texts.osrel],
    ['.cmdline', texts.cmdline],
    ['.initrd', initrd],
    ['.linux', kernel],
  ] as const;
  const uki = join(scratch, 'uki.efi');
  const headers = (await runCommand(objdump, ['--section-headers', stub])).toString();
  const sizes = await Promise.all(sections.map(async ([, path]) => (await stat(path)).size));
  const addresses = placeSections(endOfSections(headers), sizes);
  const words = sections.flatMap(([name, path], index) => [
    `--add-section=${name}=${path}`,
    `--change-section-vma=${name}=0x${(addresses[index] ?? 0n).toString(16)}`,
  ]);
  await runCommand(objcopy.command, [...words, stub, uki]);
  await forgetTime(uki);
  return uki;
}

/** objcopy(1) writes the present time, and a checksum that follows from it and that firmware does not want. */
async function forgetTime(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const head = Buffer.alloc(4096);
    await file.read(head, 0, head.length, 0);
    const { timeAt, checksumAt } = readPeHeader(head);
    for (const at of [timeAt, checksumAt]) await file.write(Buffer.alloc(4), 0, 4, at);
  } finally {
    await file.close();
  }
}

/** Where the sections of a program end in memory, from `objdump --section-headers`. */
export function endOfSections(headers: string): bigint {
  const line = /^ *\d+ \S+ +([0-9a-f]+) +([0-9a-f]+) /gmu;
  let end = 0n;
  for (const [, size, address] of headers.matchAll(line)) {
    const last = BigInt(`0x${address}`) + BigInt(`0x${size}`);
    if (last > end) end = last;
  }
  return end;
}

/** The sections' alignment in memory, which is a page in every EFI program that the firmware takes. */
const PAGE = 4096n;

/** Addresses for sections of these sizes, one after another. */
export function placeSections(end: bigint, sizes: readonly number[]): readonly bigint[] {
  let next = end;
  return sizes.map((size) => {
    const address = ((next + PAGE - 1n) / PAGE) * PAGE;
    next = address + BigInt(size);
    return address;
  });
}

/** The time in every signature: with today's, the same image would be other bytes tomorrow. Firmware does not look at it. */
const SIGNING_TIME = '315532800';

/** Signs an EFI program in place. */
export async function signEfi(path: string, { key, cert }: SignConfig): Promise<void> {
  const signed = `${path}.signed`;
  const words = ['-key', key, '-certs', cert, '-h', 'sha256', '-time', SIGNING_TIME];
  await runCommand('osslsigncode', ['sign', ...words, '-in', path, '-out', signed]);
  await rename(signed, path);
}
