import { describe, expect, test } from 'vitest';
import { findTool, MissingToolError, requireTools } from '../../../build/host-tools.ts';

const SH = { command: 'sh', package: 'dash', why: 'run scripts' };
const ABSENT = { command: 'no-such-tool', package: 'no-such-package', why: 'do nothing' };

describe('requireTools()', () => {
  test('is content when all are there', async () => {
    await expect(requireTools([SH])).resolves.toBeUndefined();
  });

  test('names every missing tool, its package and what it is for', async () => {
    const error: unknown = await requireTools([SH, ABSENT]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MissingToolError);
    expect(error).toMatchObject({ tools: [ABSENT] });
    expect(String(error)).toMatch(
      /no-such-tool \(package no-such-package\), needed to do nothing/u,
    );
  });
});

describe('findTool()', () => {
  test('knows the folders of system programs, which a user may not have in PATH', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nonexistent';
    try {
      expect(await findTool('sh')).toBe('/usr/bin/sh');
    } finally {
      process.env['PATH'] = path;
    }
  });
});
