/** Our own programs that go into component images: built, and identified by their contents. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchName } from '../arch.ts';
import { buildInitBinary } from '../binary/build-init-binary.ts';
import { fileDigest } from '../binary/file-digest.ts';
import { cacheDir } from '../cache-dir.ts';
import type { FileData } from '../rootfs/tree.ts';
import type { ProgramName } from './recipe.ts';

export interface BuiltProgram {
  /** SHA-256 in hex. */
  readonly digest: string;
  readonly data: FileData;
}

export async function buildProgram(
  program: ProgramName,
  progress: (line: string) => void,
  arch: ArchName = 'amd64',
): Promise<BuiltProgram> {
  const path = await PROGRAMS[program](progress, arch);
  const { size } = await stat(path);
  const digest = await fileDigest(path, join(cacheDir(), 'digests'));
  return { digest, data: { kind: 'host-file', path, size } };
}

const PROGRAMS: Record<
  ProgramName,
  (progress: (line: string) => void, arch: ArchName) => Promise<string>
> = {
  'ishmael-init': buildInitBinary,
};
