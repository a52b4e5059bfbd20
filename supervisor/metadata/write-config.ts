/** Lays out in a folder, /run/config, what a machine was told, for tasks and services that bind it. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorMessage } from '../../sys/errno.ts';
import type { Metadata } from './metadata.ts';
import { filesOfUserdata } from './userdata-files.ts';

/** Throws the errno error. What is wrong with single files of the user data is told, and the others are written. */
export function writeConfig(
  folder: string,
  metadata: Metadata,
  tell: (text: string) => void,
): void {
  const { provider, hostname, authorizedKeys, facts, userdata } = metadata;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'provider'), provider);
  writeKeys(folder, authorizedKeys);
  for (const [name, value] of Object.entries({ ...facts, hostname })) {
    if (value !== undefined) writeFileSync(join(folder, name), value);
  }
  if (userdata === undefined) return;
  writeFileSync(join(folder, 'userdata'), userdata);
  const tree = filesOfUserdata(userdata);
  for (const problem of tree?.problems ?? []) tell(`user data: ${problem}`);
  for (const { path, content, mode } of tree?.files ?? []) {
    try {
      writeEntry(join(folder, path), content, mode);
    } catch (error) {
      tell(`user data: ${path}: ${errorMessage(error)}`);
    }
  }
}

/** There is a file also when there are no keys: what binds it would otherwise find a folder. */
export function writeKeys(folder: string, keys: readonly string[]): void {
  const path = join(folder, 'ssh/authorized_keys');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, keys.map((key) => `${key}\n`).join(''), { mode: 0o600 });
}

/** The mode as it is asked for, whatever the umask, and of a file that is there already. */
function writeEntry(path: string, content: string | undefined, mode: number): void {
  if (content === undefined) mkdirSync(path, { recursive: true });
  else writeFileSync(path, content, { mode: mode & 0o700 });
  chmodSync(path, mode);
}
