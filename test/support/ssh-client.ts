/** An `ssh` that knows one key and asks nobody, for programs that start one. */
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Writes it into `folder`; returns the PATH in which it comes first. */
export async function sshWithKey(folder: string, key: string): Promise<string> {
  const words = [
    `-i '${key}'`,
    `-o 'UserKnownHostsFile=${join(folder, 'hosts')}'`,
    '-o StrictHostKeyChecking=no -o BatchMode=yes -o IdentitiesOnly=yes -o LogLevel=ERROR',
  ];
  const script = `#!/bin/sh\nexec /usr/bin/ssh ${words.join(' ')} "$@"\n`;
  await writeFile(join(folder, 'ssh'), script, { mode: 0o755 });
  return `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
}
