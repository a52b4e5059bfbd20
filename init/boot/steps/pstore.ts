/**
 * Takes over what the kernel of the run before has left when it crashed: records in memory that outlives a
 * reset (firmware's ERST or EFI variables, reserved RAM), which pstore shows as files. They are copied, and
 * removed, since the room for them is small: a full one keeps nothing of the next crash.
 */
import { mkdirSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { namesIfThere } from '../../../sys/if-there.ts';
import { crashSentence } from '../../../supervisor/inspect/crash-record.ts';
import { CRASH_DIR, lastCrash } from '../../../supervisor/inspect/crash.ts';
import type { ModuleLoader } from './modules.ts';

/** Of all files together; what a backend really has room for is far less. */
const MAX_BYTES = 4 * 1024 * 1024;

export async function savePstore(
  root: string,
  modules: ModuleLoader,
  tell: (severity: 'warning', text: string) => void,
): Promise<string | undefined> {
  // Its memory stands on the command line; no device asks for the module.
  if (/(?:^|\s)ramoops\./.test(readFileSync(`${root}/proc/cmdline`, 'utf8'))) {
    await modules.load('ramoops');
  }
  const names = namesIfThere(`${root}/sys/fs/pstore`)?.sort();
  if (names === undefined) return 'this kernel has no pstore';
  if (names.length === 0) return 'nothing was left';
  save(`${root}/sys/fs/pstore`, names, `${root}${CRASH_DIR}`);
  const crash = lastCrash(`${root}${CRASH_DIR}`);
  if (crash !== undefined) tell('warning', `${crashSentence(crash)} (${CRASH_DIR})`);
  return undefined;
}

/** What cannot be copied stays where it is: the next boot may have room for it. */
function save(from: string, names: readonly string[], to: string): void {
  mkdirSync(to, { recursive: true });
  let room = MAX_BYTES;
  for (const name of names) {
    const data = readFileSync(`${from}/${name}`);
    room -= data.length;
    if (room < 0) throw new Error(`more than ${MAX_BYTES} bytes: ${name} and what follows is left`);
    writeFileSync(`${to}/${name}`, data, { mode: 0o600 });
    const { atime, mtime } = statSync(`${from}/${name}`);
    utimesSync(`${to}/${name}`, atime, mtime);
    unlinkSync(`${from}/${name}`);
  }
}
