/** The registers that a disk's own contents decide, from its boot partition. */
import { runCommand } from '../host-command.ts';
import { type HostTool, requireTools } from '../host-tools.ts';
import { EFI_NAMES, FIRST_SLOT_PATH, UKI_PATH } from '../output/disk/boot-disk.ts';
import { PARTITION_START } from '../output/disk/disk-layout.ts';
import { bootManagerRegister, kernelRegister } from './pcr.ts';
import { authenticode, PeError, sectionsOf } from '../../supervisor/update/pe-image.ts';

const MTYPE: HostTool = { command: 'mtype', package: 'mtools', why: 'read the boot partition' };

export interface Measurement {
  readonly register: number;
  /** SHA-256, hexadecimal. */
  readonly value: string;
  readonly of: string;
}

/** @param path a raw disk for UEFI. Rejects with `PeError` for anything else, and with `MissingToolError`. */
export async function measureDisk(path: string): Promise<readonly Measurement[]> {
  await requireTools([MTYPE]);
  const read = (name: string): Promise<Buffer | undefined> =>
    runCommand('mtype', ['-i', `${path}@@${PARTITION_START}`, `::${name}`]).catch(() => undefined);
  const names = Object.values(EFI_NAMES).map(({ boot }) => `EFI/BOOT/${boot}`);
  const managers = await Promise.all(names.map(read));
  const manager = managers.find((found) => found !== undefined);
  const kernel = (await read(UKI_PATH)) ?? (await read(FIRST_SLOT_PATH));
  if (manager === undefined || kernel === undefined) {
    throw new PeError(`${path} is no raw disk for UEFI of "ishmael build"`);
  }
  const programs = [manager, kernel].map((program) => authenticode(program));
  return [
    {
      register: 4,
      value: bootManagerRegister(programs).toString('hex'),
      of: 'boot manager and kernel as programs, signatures aside',
    },
    {
      register: 11,
      value: kernelRegister(sectionsOf(kernel)).toString('hex'),
      of: 'kernel, initrd and command line',
    },
  ];
}
