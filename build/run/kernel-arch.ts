/** Which architecture a kernel is for, so that the right QEMU runs it. */
import { open } from 'node:fs/promises';
import { errnoCode } from '../../sys/errno.ts';
import type { ArchName } from '../arch.ts';

/** Machine types of PE files: kernels of both architectures are EFI programs too. */
const MACHINE_ARM64 = 0xaa64;
const PE_SIGNATURE = 'PE\0\0';

/** `amd64` unless the kernel says otherwise; also when there is none, which QEMU then tells. */
export async function kernelArch(path: string): Promise<ArchName> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
      return archOfKernel(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return 'amd64';
    throw error;
  }
}

/** From its first bytes: at 0x3c is where the PE header lies. Pure. */
export function archOfKernel(head: Buffer): ArchName {
  if (head.length < 0x40 || head.toString('latin1', 0, 2) !== 'MZ') return 'amd64';
  const at = head.readUInt32LE(0x3c);
  if (at + 6 > head.length || head.toString('latin1', at, at + 4) !== PE_SIGNATURE) return 'amd64';
  return head.readUInt16LE(at + 4) === MACHINE_ARM64 ? 'arm64' : 'amd64';
}
