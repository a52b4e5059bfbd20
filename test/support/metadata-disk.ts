/** Disks with metadata, made by the tools that people make them with. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `names` are options of mkisofs: `-J` for Joliet, `-R` for Rock Ridge. */
export async function makeIso(
  path: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  { label = 'cidata', names = ['-J', '-R'] }: { label?: string; names?: readonly string[] } = {},
): Promise<void> {
  await withFolder(files, async (folder) => {
    await run('xorriso', ['-as', 'mkisofs', '-quiet', '-o', path, '-V', label, ...names, folder]);
  });
}

export async function makeFat(
  path: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  {
    label = 'CIDATA',
    bits = 12,
    bytes = 2_097_152,
  }: { label?: string; bits?: number; bytes?: number } = {},
): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, '');
  await truncate(path, bytes);
  await run('/usr/sbin/mkfs.fat', ['-F', String(bits), '-n', label, path]);
  await withFolder(files, async (folder) => {
    const names = Object.keys(files).map((name) => join(folder, name));
    if (names.length > 0) await run('mcopy', ['-i', path, ...names, '::']);
  });
}

async function withFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'ishmael-disk-'));
  try {
    const folder = join(parent, 'root');
    await mkdir(folder);
    for (const [name, contents] of Object.entries(files)) {
      await writeFile(join(folder, name), contents);
    }
    await use(folder);
  } finally {
    await rm(parent, { recursive: true });
  }
}
