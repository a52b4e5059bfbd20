/** What the boot manager has left for the machine (systemd-boot(7), "EFI Variables"). */
import { readFileSync } from 'node:fs';
import { errnoCode } from '../../sys/errno.ts';

const VARIABLES = '/sys/firmware/efi/efivars';
/** Of systemd-boot. */
const VENDOR = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';

/** Text that the boot manager has left; `undefined` when it has not, or there is no UEFI. */
export function loaderVariable(name: string, folder: string = VARIABLES): string | undefined {
  try {
    // Four bytes of attributes come first (efivarfs.rst).
    const bytes = readFileSync(`${folder}/${name}-${VENDOR}`).subarray(4);
    return bytes.toString('utf16le').replace(/\0.*$/su, '');
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
    return undefined;
  }
}
