/** Runs simulated-exits.ts in a process of its own, with the flags and as few files as PID 1 has. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { GUEST_FLAGS } from '../../build/binary/guest-flags.ts';
import type { ExitsReport, ExitsRequest } from './simulated-exits.ts';

/**
 * As one file of plain JavaScript: the compiler that Node takes the types away with would be part of the
 * memory, and more than the rest of it. In memory, as /run is in the machine.
 */
export async function simulateExits(
  request: ExitsRequest,
  timeoutMs = 300_000,
): Promise<ExitsReport> {
  const directory = await mkdtemp('/dev/shm/ishmael-exits-');
  try {
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, 'simulated-exits.ts')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node26',
      write: false,
      logLevel: 'silent',
    });
    const program = join(directory, 'simulated-exits.mjs');
    await writeFile(program, outputFiles[0]?.contents ?? '');
    const args = [...GUEST_FLAGS, program, directory, JSON.stringify(request)];
    const options = { timeout: timeoutMs };
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    return JSON.parse(stdout) as ExitsReport;
  } finally {
    await rm(directory, { recursive: true });
  }
}
