/**
 * Whether everything that the builder put into the initrd is there. Looked at once, before anything is mounted; a PID 1 that is
 * executed again finds the answer in /run. The 172 files of the example take 0.12 s of a boot on an emulated processor, half of
 * it the walk: nothing is mounted, and nothing could be started, before it is known.
 */
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { errnoCode, errorMessage } from '../sys/errno.ts';
import { textIfThere } from '../sys/if-there.ts';
import type { Manifest } from '../supervisor/manifest.ts';
import {
  isCounted,
  ROOT_FILES_PATH,
  RootCount,
  type RootFiles,
  rootProblem,
  type RootSummary,
} from '../supervisor/root-files.ts';

const ANSWER = '/run/ishmael/root-problem';

/** What is missing, in words. Images of other formats and builders have no record, and nothing is said of them. */
export function checkRoot(root = ''): string | undefined {
  try {
    const wanted = JSON.parse(readFileSync(`${root}${ROOT_FILES_PATH}`, 'utf8')) as RootFiles;
    return rootProblem(wanted, countRoot(root));
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return undefined;
    return `the root cannot be checked: ${errorMessage(error)}`;
  }
}

function countRoot(root: string): RootSummary {
  const total = new RootCount();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!isCounted(path)) continue;
      if (entry.isDirectory()) visit(path);
      else if (entry.isSymbolicLink()) total.add([path, -1]);
      else if (entry.isFile()) total.add([path, lstatSync(`${root}/${path}`).size]);
    }
  };
  visit('');
  return total.summary();
}

/** Half a machine must not pass for one: no task that formats a disk, no service that begins anew without its data. */
export function withoutUnits(manifest: Manifest): Manifest {
  return { ...manifest, onboot: [], services: [], onshutdown: [], volumes: [] };
}

/** For generations after this one, which cannot look any more. */
export function rememberProblem(problem: string | undefined, file: string = ANSWER): void {
  if (problem !== undefined) writeFileSync(file, problem);
}

export function rememberedProblem(file: string = ANSWER): string | undefined {
  return textIfThere(file);
}
