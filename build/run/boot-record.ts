/** Whether a disc has something for firmware to boot, or only files. */
import { open } from 'node:fs/promises';

/** The boot record is the second volume descriptor; at 7 it has a name ("El Torito" 1.0, figure 7). */
const NAME_AT = 17 * 2048 + 7;
const NAME = 'EL TORITO SPECIFICATION';

export async function hasBootRecord(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(NAME.length),
      0,
      NAME.length,
      NAME_AT,
    );
    return buffer.toString('latin1', 0, bytesRead) === NAME;
  } finally {
    await file.close();
  }
}
