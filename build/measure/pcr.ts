/** Platform configuration registers of a TPM as a boot leaves them (TCG PC Client Platform Firmware Profile 1.05, 3.3.4). Pure but for hashing. */
import { createHash } from 'node:crypto';
import type { Section } from '../../supervisor/update/pe-image.ts';

const BYTES = 32;

function sha256(bytes: Uint8Array | string): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** A register that had these digests added to it, one after another, since the machine started. */
function extended(digests: readonly Buffer[]): Buffer {
  return digests.reduce(
    (register, digest) => sha256(Buffer.concat([register, digest])),
    Buffer.alloc(BYTES),
  );
}

/** Register 4: what the firmware has started. @param programs their Authenticode digests, in order */
export function bootManagerRegister(programs: readonly Buffer[]): Buffer {
  const attempt = sha256('Calling EFI Application from Boot Option');
  const separator = sha256(Buffer.alloc(4));
  return extended([attempt, separator, ...programs]);
}

/** In the order in which systemd-stub(7) measures them, when they are there. */
const MEASURED = [
  '.linux',
  '.osrel',
  '.cmdline',
  '.initrd',
  '.ucode',
  '.splash',
  '.dtb',
  '.uname',
  '.sbat',
  '.pcrpkey',
];

/** Register 11: the parts of a unified kernel image, each by its name and its contents. */
export function kernelRegister(sections: readonly Section[]): Buffer {
  const digests = MEASURED.flatMap((name) => {
    const section = sections.find((each) => each.name === name);
    return section === undefined ? [] : [sha256(`${name}\0`), sha256(section.contents)];
  });
  return extended(digests);
}
