import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { issueLines } from '../../../../supervisor/console/issue.ts';

it('issueLines() are those of the file, if there is one', () => {
  const dir = mkdtempSync(join(tmpdir(), 'issue-'));
  try {
    const file = join(dir, 'issue');
    expect(issueLines(file)).toEqual([]);
    expect(issueLines(dir)).toEqual([]);
    writeFileSync(file, '\nWelcome\n\n');
    expect(issueLines(file)).toEqual(['', 'Welcome', '']);
    writeFileSync(file, 'x'.repeat(10_000));
    expect(issueLines(file).join('').length).toBe(4096);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
