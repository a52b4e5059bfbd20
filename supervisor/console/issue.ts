/** issue(5), as a getty shows it: what the image wants said on every console. Its escapes mean nothing here. */
import { readFileSync } from 'node:fs';

/** More than that is no greeting. */
const MAX_TEXT = 4096;

/** No lines when there is no such file, or none that can be read. */
export function issueLines(path = '/etc/issue'): readonly string[] {
  try {
    return readFileSync(path, 'utf8').slice(0, MAX_TEXT).replace(/\n$/, '').split('\n');
  } catch {
    return [];
  }
}
